package standin

var textJA = text{
	Language:   "日本語",
	Simulator:  "シミュレーター",
	NotReal:    "実際のヘルプセンターではありません",
	SkipLink:   "本文へ移動",
	HelpCenter: "ヘルプセンター",
	Menu:       "メインメニュー",
	Languages:  "言語",

	Home:    "ホーム",
	Inquiry: "お問い合わせ",
	History: "お問い合わせ履歴",
	Guest:   "ゲスト",
	member:  "%s 様",
	LogIn:   "ログイン",

	Greeting:    "何かお困りですか？",
	HomeLead:    "ご質問をお送りください。担当者が確認して回答いたします。",
	InquiryLead: "ご不明な点をお気軽にお尋ねください。",
	HistoryLead: "送信したお問い合わせをまとめて確認できます。",
	FAQ:         "よくある質問",
	Questions: []question{
		{"お問い合わせへの回答はどこで確認できますか？", "ログイン後、お問い合わせ履歴で確認できます。ゲストの方には、ご入力のメールアドレスへ回答いたします。"},
		{"ログインせずに問い合わせできますか？", "ゲストのお問い合わせを受け付けている場合に限ります。お名前とメールアドレスをご入力ください。"},
		{"他の人に問い合わせ内容を見られますか？", "いいえ。履歴は送信したご本人だけに表示されます。"},
	},

	asMember:    "%s 様としてお問い合わせを送信します。",
	AsGuest:     "ゲストとしてお問い合わせを送信します。",
	MembersOnly: "お問い合わせはログインした会員のみご利用いただけます。",

	Title:   "件名",
	Content: "内容",
	Name:    "お名前",
	Email:   "メールアドレス",
	Send:    "送信する",
	Correct: "入力内容をご確認ください。",

	TitleRequired:   "件名を入力してください。",
	TitleTooLong:    "件名は200文字以内で入力してください。",
	ContentRequired: "内容を入力してください。",
	ContentTooLong:  "内容は10,000文字以内で入力してください。",
	NameRequired:    "お名前を入力してください。",
	NameTooLong:     "お名前は50文字以内で入力してください。",
	EmailInvalid:    "正しいメールアドレスを入力してください。",

	ThanksTitle: "お問い合わせを受け付けました",
	ThanksText:  "確認のうえ、ご入力のメールアドレスへ回答いたします。",
	AskAgain:    "別の内容を問い合わせる",

	HistoryEmpty: "お問い合わせはまだありません。",
	HistoryLogIn: "お問い合わせ履歴はログイン後にご覧いただけます。",
	Received:     "受付",
	TimeLayout:   "2006年1月2日 15:04",

	StatusNotice: "ログイン状態を確認できませんでした。ゲストとして続けます。",
	NoScript:     "ログイン状態を確認するには、ブラウザーの JavaScript を有効にしてください。",

	StartTitle: "ヘルプセンター シミュレーター",
	StartText:  "会員連携の開発とテストのためのヘルプセンターです。実際のサービスには接続せず、データはメモリーにのみ保存されます。",
	Console:    "コンソール",

	NotFoundTitle:   "ページが見つかりません",
	NotFoundText:    "アドレスをもう一度ご確認ください。",
	UnreadableTitle: "お問い合わせを受け付けられませんでした",
	UnreadableText:  "内容が大きすぎるか、形式が正しくありません。短くしてもう一度お試しください。",

	RefusedTitle:     "ログインできませんでした",
	RefusedFields:    "送られた会員情報が正しくありません。",
	RefusedTime:      "リクエストの有効時間が過ぎました。もう一度ログインしてください。",
	RefusedSignature: "認証トークンが正しくありません。",
	RefusedOff:       "会員連携は使用されていません。",
	RefusedReturnURL: "戻り先のアドレスが正しくありません。",
	SeeConsole:       "コンソールで原因を見る",
}
