package i18n

import "fmt"

// Words is one sentence in the languages of operators.
type Words struct{ KO, EN string }

// In returns the sentence in l: English unless l is KO.
func (w Words) In(l Lang) string {
	if l == KO {
		return w.KO
	}
	return w.EN
}

// Setup is every sentence of the setup page but those of Prerequisites and Faults. Values, results
// of checks and problems with the settings are shown in English. Read-only.
var Setup = struct {
	Title, Text, ConsoleTitle, ConsoleText, InQuery, Copy, copied, NoLogoutURL Words
	StateTitle, StateText, HowToFix, CheckTitle, CheckText, CheckSecret        Words
	// The fields of the vendor's console (CONTRACT 10a): in Korean as it labels them.
	LoginType, LoginURL, LoginStatusURL, Parameter, TokenVerifyURL Words
	Levels                                                         [4]Words
}{
	Title: Words{"연동 준비", "Set up the integration"},
	Text: Words{
		"헬프센터 콘솔에 입력할 값과 이 서버의 준비 상태를 확인하고, 연동 규격을 지키는지 검사합니다. 운영자만 볼 수 있는 페이지입니다.",
		"What to enter in the help center’s console, the state of this server, and a check against the contract. Only operators can see this page.",
	},
	ConsoleTitle: Words{"콘솔에 입력할 값", "Values for the console"},
	ConsoleText:  Words{"콘솔에서 아래 메뉴를 열어 회원 연동을 활성화하고, 다음 값을 그대로 입력하세요.", "Open this menu in the console, turn on the member integration, and enter these values as they are."},
	InQuery:      Words{"쿼리에 포함", "in the query"},
	Copy:         Words{"복사", "Copy"},
	copied:       Words{"복사했습니다: %s", "Copied: %s"},
	NoLogoutURL: Words{
		"콘솔에는 로그아웃 URL 항목이 없습니다. 헬프센터에서는 일정 시간이 지나면 자동으로 로그아웃됩니다.",
		"The console has no field for a logout URL. The help center’s own session ends by itself after a while.",
	},
	StateTitle: Words{"준비 상태", "State of this server"},
	StateText:  Words{"페이지를 열 때마다 새로 확인합니다.", "Checked each time this page is opened."},
	HowToFix:   Words{"해결 방법", "How to fix"},
	CheckTitle: Words{"연동 규격 검사", "Check against the contract"},
	CheckText: Words{
		"ocdev가 설치된 컴퓨터에서 테스트 회원의 usercode를 넣어 이 명령을 실행하세요. 브라우저와 헬프센터처럼 이 서버에 접속해, 규격에 맞지 않는 부분을 항목별로 알려 줍니다. 한 번 실행할 때 로그인을 10번 정도 시도하므로, 다시 실행하려면 1분쯤 기다리세요(login.limits).",
		"Run this command where ocdev is installed, with a test member’s usercode. It visits this server as a browser and as the help center do, and says case by case what does not meet the contract. A run tries about ten logins, so wait a minute before the next one (login.limits).",
	},
	CheckSecret: Words{
		"테스트 회원의 비밀번호나 다른 곳에서 로그인한 쿠키는 명령에 적힌 환경 변수에 넣으세요.",
		"The test member’s password, or the cookie of a login elsewhere, goes into the environment variable that the command names.",
	},

	LoginType:      Words{"로그인 타입", "Login type"},
	LoginURL:       Words{"로그인 URL", "Login URL"},
	LoginStatusURL: Words{"로그인 상태 URL", "Login status URL"},
	Parameter:      Words{"파라미터 설정", "Parameter to send back"},
	TokenVerifyURL: Words{"Token 검증 URL", "Token verify URL"},

	Levels: [...]Words{LevelFine: {"정상", "Fine"}, LevelWarn: {"경고", "Warning"}, LevelWrong: {"문제 있음", "Needs fixing"}, LevelUnknown: {"확인 불가", "Unknown"}},
}

// Copied says which value is on the clipboard now.
func Copied(l Lang, value string) string { return fmt.Sprintf(Setup.copied.In(l), value) }

// Level is how much a Fault hinders.
type Level int

// The levels. The zero value is no fault.
const (
	LevelFine    Level = iota
	LevelWarn          // works for now
	LevelWrong         // has to be fixed
	LevelUnknown       // could not be found out, or was skipped
)

// A Prerequisite is something that has to be right before members come.
type Prerequisite struct {
	Name, Fine Words // Fine is shown at LevelFine
}

// Prerequisites are in the order of the page. Read-only.
var Prerequisites = struct {
	OrganizationKey, SessionKeys, Settings, PublicURL, HelpCenter, Clock, Store, Members Prerequisite
}{
	OrganizationKey: Prerequisite{Words{"조직 Key", "Organization key"}, Words{"설정되어 있으며, 예시나 임시 값이 아닙니다.", "Set, and neither a sample nor a placeholder."}},
	SessionKeys:     Prerequisite{Words{"세션 키", "Session keys"}, Words{"설정되어 있으며, 임시 값이 아닙니다.", "Set, and not placeholders."}},
	Settings:        Prerequisite{Words{"설정 파일", "Configuration"}, Words{"파일과 환경 변수의 내용이 이 서버에 그대로 적용되어 있습니다.", "This server runs with what the files and the environment say."}},
	PublicURL:       Prerequisite{Words{"공개 URL", "Public URL"}, Words{"HTTPS를 사용하며, 이 주소에서 이 서버가 응답합니다.", "Uses HTTPS, and this server answers there."}},
	HelpCenter:      Prerequisite{Words{"헬프센터 연결", "Help center"}, Words{"헬프센터가 응답합니다.", "Answers."}},
	Clock:           Prerequisite{Words{"시계", "Clock"}, Words{"헬프센터 시계와의 차이가 30초 이내입니다.", "Within 30 seconds of the help center’s."}},
	Store:           Prerequisite{Words{"저장소", "Store"}, Words{"응답하며, 서버를 다시 시작해도 로그인이 유지됩니다.", "Answers, and keeps logins over a restart."}},
	Members:         Prerequisite{Words{"회원 정보", "Members"}, Words{"회원을 조회할 수 있습니다.", "Can be looked up."}},
}

// A Fault is what is wrong with a prerequisite, and how to fix it. The zero value is none.
type Fault struct {
	Level
	Text, Advice Words
}

// Faults are those of the prerequisites. Read-only.
var Faults = struct {
	OrganizationKey, SessionKeys, KeyChanged, Settings, SettingsChanged             Fault
	PublicURL, PublicURLHost, PublicURLCertificate, PublicURLSilent, PublicURLOther Fault
	HelpCenter, HelpCenterHost, ClockOff, ClockRefused, ClockUnknown                Fault
	StoreForgets, Store, Members, MembersFile, MembersChanged                       Fault
}{
	OrganizationKey: Fault{LevelWrong,
		Words{"파일이나 환경 변수의 조직 Key를 사용할 수 없습니다. 지금은 이전 키로 동작하고 있습니다.", "The organization key in the files or the environment can’t be used. The old one is still in use."},
		Words{"콘솔의 [전체 관리 > 계약 서비스 현황 > 조직 정보]에서 조직 Key를 복사해 OCSSO_HELP_CENTER_ORGANIZATION_KEY에 설정한 뒤 서버를 다시 시작하세요.", "Copy the key from the organization’s information in the console, set OCSSO_HELP_CENTER_ORGANIZATION_KEY to it, and restart the server."}},
	SessionKeys: Fault{LevelWrong,
		Words{"파일이나 환경 변수의 세션 키를 사용할 수 없습니다. 지금은 이전 키로 동작하고 있습니다.", "The session keys in the files or the environment can’t be used. The old ones are still in use."},
		Words{"ocsso new-key로 만든 키를 설정한 뒤 SIGHUP을 보내세요.", "Set keys made by ocsso new-key, and send SIGHUP."}},
	KeyChanged: Fault{LevelWarn,
		Words{"파일이나 환경 변수의 키가 바뀌었지만, 지금은 이전 키로 동작하고 있습니다.", "The key in the files or the environment has changed. The old one is still in use."},
		Words{"SIGHUP을 보내면 새 키가 적용됩니다.", "Send SIGHUP to use the new one."}},
	Settings: Fault{LevelWrong,
		Words{"지금 파일과 환경 변수의 내용으로는 서버를 다시 시작할 수 없습니다.", "The server would not start again with the files and the environment as they are now."},
		Words{"아래 항목을 고친 뒤 ocsso config check로 확인하세요.", "Fix what is listed below, then run ocsso config check."}},
	SettingsChanged: Fault{LevelWarn,
		Words{"서버를 시작한 뒤 설정이 바뀌었습니다.", "The configuration has changed since the server was started."},
		Words{"새 설정을 적용하려면 서버를 다시 시작하세요.", "Restart the server to use it."}},
	PublicURL: Fault{LevelWarn,
		Words{"HTTP이므로 이 컴퓨터에서만 사용할 수 있습니다.", "Uses HTTP, which works on this machine only."},
		Words{"server.public_url을 회원이 접속할 https 주소로 바꾸고, server.tls나 앞단의 프록시에 인증서를 설정하세요.", "Set server.public_url to the https address that members use, with a certificate in server.tls or at the proxy in front."}},
	PublicURLHost: Fault{LevelWrong,
		Words{"존재하지 않는 호스트이므로 회원이 접속할 수 없습니다.", "There is no such host, so no member can open it."},
		Words{"server.public_url에 오타가 없는지 확인하고, 호스트 이름을 DNS에 등록하세요.", "Check the spelling of server.public_url, and register the host name in your DNS."}},
	PublicURLCertificate: Fault{LevelWrong,
		Words{"인증서가 올바르지 않아, 회원의 브라우저에 경고가 표시되고 헬프센터의 호출이 실패합니다.", "The certificate is not valid there, so browsers warn members and the help center’s calls fail."},
		Words{"이 호스트 이름의 인증서를 중간 인증서까지 포함해 server.tls나 앞단의 프록시에 설정하세요.", "Install a certificate for this host name, with the whole chain, in server.tls or at the proxy in front."}},
	PublicURLSilent: Fault{LevelWarn,
		Words{"이 서버에서 접속했을 때 응답이 없습니다. 서버가 자신의 공개 주소로 접속할 수 없는 네트워크라면 회원은 접속할 수 있습니다.", "This server got no answer there. Members may get one where your network lets no machine call itself by its public address."},
		Words{"외부에서 이 URL을 열어 보고, 열리지 않으면 방화벽과 앞단의 프록시를 확인하세요.", "Open the URL from outside. If that fails, too, check the firewall and the proxy in front."}},
	PublicURLOther: Fault{LevelWrong,
		Words{"이 서버가 아닌 다른 곳에서 응답합니다. /login/status의 응답이 이 서버의 응답과 다릅니다.", "Something else answers there: /login/status has another answer than this server’s."},
		Words{"앞단의 프록시가 모든 경로를 그대로 이 서버에 전달하게 하세요.", "Let the proxy in front hand every path to this server, unchanged."}},
	HelpCenter: Fault{LevelWrong,
		Words{"헬프센터가 응답하지 않거나 2초 안에 응답하지 않았습니다.", "The help center does not answer, or not within 2 seconds."},
		Words{"이 서버의 방화벽과 프록시, 그리고 help_center.domain과 help_center.environment를 확인하세요.", "Check this server’s firewall and proxy, then help_center.domain and help_center.environment."}},
	HelpCenterHost: Fault{LevelWrong,
		Words{"존재하지 않는 호스트입니다.", "There is no such host."},
		Words{"help_center.domain과 help_center.environment, 그리고 이 서버의 DNS를 확인하세요.", "Check help_center.domain and help_center.environment, then this server’s DNS."}},
	ClockOff: Fault{LevelWarn,
		Words{"헬프센터 시계와 30초 넘게 차이 납니다. 차이가 3분 이상이 되면 모든 로그인이 거부됩니다.", "More than 30 seconds off the help center’s clock. At 3 minutes or more, every login is refused."},
		Words{"이 서버의 시계를 NTP로 맞추세요.", "Set this server’s clock by NTP."}},
	ClockRefused: Fault{LevelWrong,
		Words{"헬프센터 시계와 3분 이상 차이 나므로 모든 로그인이 거부됩니다.", "3 minutes or more off the help center’s clock: every login is refused."},
		Words{"이 서버의 시계를 NTP로 맞추세요. 컨테이너라면 호스트의 시계를 맞추세요.", "Set this server’s clock by NTP; for a container, the host’s clock."}},
	ClockUnknown: Fault{LevelUnknown,
		Words{"헬프센터의 시각을 알 수 없어 비교하지 못했습니다.", "The help center’s time is unknown, so the clocks could not be compared."},
		Words{"헬프센터 연결을 먼저 해결하세요.", "Fix the connection to the help center first."}},
	StoreForgets: Fault{LevelWarn,
		Words{"메모리에만 저장하므로 서버를 다시 시작하면 모든 회원이 로그아웃됩니다.", "Kept in memory only: a restart logs every member out."},
		Words{"서버가 한 대이면 store.kind를 file로, 여러 대이면 redis로 바꾸세요.", "Set store.kind to file for one server, or to redis for several."}},
	Store: Fault{LevelWrong,
		Words{"저장소가 응답하지 않아 아무도 로그인할 수 없습니다.", "The store does not answer, so nobody can log in."},
		Words{"store 설정과 저장소의 상태를 확인하세요. 저장소가 복구되면 서버도 자동으로 정상화됩니다.", "Check the store settings and the store itself. The server recovers by itself when the store is back."}},
	Members: Fault{LevelWrong,
		Words{"회원을 조회할 수 없습니다.", "Members can’t be looked up."},
		Words{"members 설정과 데이터베이스의 상태를 확인하세요.", "Check the members settings and the database."}},
	MembersFile: Fault{LevelWrong,
		Words{"지금의 회원 파일은 사용할 수 없습니다. 이전에 읽은 회원 정보로 동작하고 있습니다.", "The member file can’t be used as it is now. The members read before are still in use."},
		Words{"아래 항목을 고치세요. 5초 안에 파일을 다시 읽습니다.", "Fix what is listed below. The file is read again within 5 seconds."}},
	MembersChanged: Fault{LevelWarn,
		Words{"회원 파일이 바뀌었지만, 아직 이전에 읽은 회원 정보로 동작하고 있습니다.", "The member file has changed. The members read before are still in use."},
		Words{"5초 안에 파일을 다시 읽습니다.", "The file is read again within 5 seconds."}},
}
