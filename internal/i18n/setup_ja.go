package i18n

var setupJA = Setup{
	Title: "連携の準備",
	Text:  "ヘルプセンターのコンソールに入力する値、このサーバーの状態、連携仕様の検査を一か所で確認できます。運用担当者専用のページです。",

	ConsoleTitle: "コンソールに入力する値",
	ConsoleText:  "コンソールで次のメニューを開き、会員連携を有効にして、以下の値をそのまま入力してください。",
	Fields: [...]string{
		FieldLoginType:      "ログインタイプ",
		FieldLoginURL:       "ログイン URL",
		FieldLoginStatusURL: "ログイン状態 URL",
		FieldParameter:      "送り返すパラメーター",
		FieldTokenVerifyURL: "トークン検証 URL",
	},
	InQuery:     "クエリに含める",
	Copy:        "コピー",
	copied:      "コピーしました：%s",
	NoLogoutURL: "ログアウト URL の入力欄はありません。ヘルプセンター側のログインは、しばらくすると自動的に終了します。",

	StateTitle: "サーバーの状態",
	StateText:  "ページを開くたびに確認します。",
	Levels: [...]string{
		LevelFine:    "問題なし",
		LevelWarn:    "注意",
		LevelWrong:   "要対応",
		LevelUnknown: "確認不可",
	},
	Prerequisites: [...]SetupPrerequisite{
		PrerequisiteOrganizationKey: {"組織キー", "設定済みで、サンプルや仮の値ではありません。"},
		PrerequisiteSessionKeys:     {"セッションキー", "設定済みで、仮の値ではありません。"},
		PrerequisiteSettings:        {"設定ファイル", "ファイルと環境変数の内容が、このサーバーに適用されています。"},
		PrerequisitePublicURL:       {"公開 URL", "HTTPS を使用しています。"},
		PrerequisiteHelpCenter:      {"ヘルプセンターへの接続", "ヘルプセンターが応答しています。"},
		PrerequisiteClock:           {"時計", "ヘルプセンターの時計との差は30秒以内です。"},
		PrerequisiteStore:           {"ストア", "応答しており、再起動後もログインが保たれます。"},
		PrerequisiteMembers:         {"会員情報", "会員を検索できます。"},
	},
	Faults: [...]SetupFault{
		FaultOrganizationKey: {
			"ファイルまたは環境変数の組織キーが使用できません。現在は以前のキーで動作しています。",
			"コンソールの組織情報から組織キーをコピーして OCSSO_HELP_CENTER_ORGANIZATION_KEY に設定し、サーバーを再起動してください。",
		},
		FaultSessionKeys: {
			"ファイルまたは環境変数のセッションキーが使用できません。現在は以前のキーで動作しています。",
			"ocsso new-key で作成したキーを設定し、SIGHUP を送信してください。",
		},
		FaultKeyChanged: {
			"ファイルまたは環境変数のキーが変わりましたが、現在は以前のキーで動作しています。",
			"SIGHUP を送信すると新しいキーが適用されます。",
		},
		FaultSettings: {
			"現在のファイルと環境変数の内容では、サーバーを再起動できません。",
			"以下の項目を修正し、ocsso config check で確認してください。",
		},
		FaultSettingsChanged: {
			"サーバーの起動後に設定が変更されました。",
			"適用するにはサーバーを再起動してください。",
		},
		FaultPublicURL: {
			"HTTP のため、このコンピューターでしか使用できません。",
			"server.public_url を会員が使用する https のアドレスに変更し、server.tls または前段のプロキシに証明書を設定してください。",
		},
		FaultHelpCenter: {
			"ヘルプセンターが2秒以内に応答しませんでした。",
			"help_center.domain と help_center.environment、およびこのサーバーの DNS、ファイアウォール、プロキシを確認してください。",
		},
		FaultClockOff: {
			"ヘルプセンターの時計と30秒以上ずれています。3分に達すると、すべてのログインが拒否されます。",
			"このサーバーの時計を NTP で合わせてください。",
		},
		FaultClockRefused: {
			"ヘルプセンターの時計と3分以上ずれているため、すべてのログインが拒否されます。",
			"このサーバーの時計を NTP で合わせてください。コンテナの場合は、ホストの時計を合わせてください。",
		},
		FaultClockUnknown: {
			"ヘルプセンターの時刻が分からないため、比較できませんでした。",
			"先にヘルプセンターへの接続を解決してください。",
		},
		FaultStoreForgets: {
			"メモリーにのみ保存しているため、再起動するとすべての会員がログアウトされます。",
			"サーバーが1台なら store.kind を sqlite に、複数台なら redis に変更してください。",
		},
		FaultStore: {
			"ストアが応答しないため、誰もログインできません。",
			"store の設定とストアの状態を確認してください。ストアが復旧すると、サーバーも自動的に復旧します。",
		},
		FaultMembers: {
			"会員を検索できません。",
			"members の設定とデータベースの状態を確認してください。",
		},
	},

	CheckTitle:       "連携仕様の検査",
	CheckText:        "公開 URL からこのサーバーにアクセスし、ヘルプセンターが求める仕様を項目ごとに検査します。最大1分かかります。検査結果は英語で表示されます。",
	CheckLogin:       "ログインが必要な項目も検査するには、テスト会員の情報を入力してください。入力した値は保存も記録もされません。このページは暗号化されないため、別のコンピューターからは SSH トンネルをご利用ください。1回の検査で10回ほどログインを試みるため、ログイン回数の制限（login.limits）にかからないよう、再検査までは1分ほどお待ちください。",
	CheckByOthers:    "このサーバーにはパスワードによるログインがないため、ログインが必要な項目は省略されます。ocsso check の --cookie-env で検査できます。",
	CheckUserCode:    "テスト会員のユーザーID（任意）",
	CheckPassword:    "テスト会員のパスワード（任意）",
	CheckRun:         "検査を開始",
	CheckRunning:     "検査しています。しばらくお待ちください。",
	CheckHalfLogin:   "ユーザーIDとパスワードは、両方入力するか、両方空のままにしてください。",
	CheckBusy:        "別の検査が実行中です。終了後にもう一度お試しください。",
	CheckUnreachable: "このサーバーから公開 URL に接続できないため、検査できませんでした。DNS、ファイアウォール、証明書、前段のプロキシを確認してください。",
	CheckSlow:        "1分以内に検査が終わりませんでした。公開 URL の応答速度を確認してください。",
	checkCounts:      "合格 %d · 不合格 %d · 注意 %d · 省略 %d",
	CheckFine:        "検査した項目はすべて仕様を満たしています。",
	CheckWant:        "期待した結果",
	CheckGot:         "実際の結果",
	CheckHint:        "対処方法",
	checkSkipped:     "省略した項目 %d件",
}
