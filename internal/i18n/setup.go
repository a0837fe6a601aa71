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
	Title, Text, HowToFix                                                       Words
	Version, Organization, Environment, Services, Handoff                       Words
	Ready, readyBut, missing                                                    Words
	ConsoleTitle, ConsoleText, InQuery, NoLogoutURL, sentBack, NeverSentBack    Words
	StateTitle, StateText, allFine, CheckTitle, CheckText, CheckSecret, Command Words
	ActivateTitle, ActivateText, RecentTitle, RecentText, NothingRecent         Words
	Time, Event, Way, Outcome, Member, HandedOff, LoginRefused, TokenChecked    Words
	// The fields of the vendor's console (CONTRACT 10a): in Korean as it labels them.
	LoginType, LoginURL, LoginStatusURL, Parameter, TokenVerifyURL Words
	Levels                                                         [4]Words
}{
	Title: Words{"연동 준비", "Set up the integration"},
	Text: Words{
		"아래 순서대로 진행하세요. 운영자만 볼 수 있는 페이지입니다.",
		"Go through these steps in their order. Only operators can see this page.",
	},
	HowToFix: Words{"해결 방법", "How to fix"},

	Version:      Words{"버전", "Version"},
	Organization: Words{"조직", "Organization"},
	Environment:  Words{"환경", "Environment"},
	Services:     Words{"서비스", "Service"},
	Handoff:      Words{"핸드오프", "Handoff"},

	Ready:    Words{"준비되었습니다.", "Ready."},
	readyBut: Words{"준비되었습니다. 확인할 항목: %s", "Ready. Worth a look: %s"},
	missing:  Words{"아직 준비되지 않았습니다: %s", "Not ready yet: %s"},

	ConsoleTitle: Words{"1. 콘솔에 값 입력", "1. Enter the values in the console"},
	ConsoleText:  Words{"아래 메뉴를 열고 다음 값을 입력하세요. 활성화는 검사를 통과한 뒤에 하세요.", "Open this menu and enter these values. Activate nothing yet: that is the last step."},
	InQuery:      Words{"쿼리에 포함", "in the query"},
	NoLogoutURL: Words{
		"콘솔에는 로그아웃 URL 항목이 없습니다. 헬프센터에서는 일정 시간이 지나면 자동으로 로그아웃됩니다.",
		"The console has no field for a logout URL. The help center’s own session ends by itself after a while.",
	},
	sentBack:      Words{"usercode와 token이 마지막으로 돌아온 시각(ocdev check의 호출 포함): %s", "usercode and token last came back (a call of ocdev check counts): %s"},
	NeverSentBack: Words{"서버를 시작한 뒤로 usercode와 token이 돌아온 적이 없습니다.", "Since the server was started, usercode and token have not come back."},

	StateTitle: Words{"2. 준비 상태 확인", "2. See that nothing is wrong"},
	StateText:  Words{"페이지를 열 때마다 새로 확인합니다.", "Checked each time this page is opened."},
	allFine:    Words{"정상: %d", "Fine: %d"},
	CheckTitle: Words{"3. 연동 규격 검사", "3. Check against the contract"},
	CheckText: Words{
		"ocdev가 설치된 컴퓨터에서 테스트 회원의 usercode를 넣어 이 명령을 실행하세요. 브라우저와 헬프센터처럼 이 서버에 접속해, 규격에 맞지 않는 부분을 항목별로 알려 줍니다. 한 번 실행할 때 로그인을 10번 정도 시도하므로, 다시 실행하려면 1분쯤 기다리세요(login.limits).",
		"Run this command where ocdev is installed, with a test member’s usercode. It visits this server as a browser and as the help center do, and says case by case what does not meet the contract. A run tries about ten logins, so wait a minute before the next one (login.limits).",
	},
	CheckSecret: Words{
		"테스트 회원의 비밀번호나 다른 곳에서 로그인한 쿠키는 명령에 적힌 환경 변수에 넣으세요.",
		"The test member’s password, or the cookie of a login elsewhere, goes into the environment variable that the command names.",
	},
	Command:       Words{"명령", "Command"},
	ActivateTitle: Words{"4. 회원 연동 활성화", "4. Activate the member integration"},
	ActivateText: Words{
		"검사를 통과하면 1번의 메뉴에서 회원 연동을 활성화하세요. 되돌리려면 비활성화하세요.",
		"When the check passes, activate the member integration in the menu of step 1. To go back, deactivate it.",
	},

	RecentTitle: Words{"최근 기록", "What happened lately"},
	RecentText: Words{
		"서버를 시작한 뒤의 핸드오프, 거부된 로그인, 토큰 검증을 종류별로 20건까지 보여 줍니다. 회원은 감사 ID이며, ocsso audit-id로 만들 수 있습니다.",
		"The last 20 handoffs, refused logins and token checks each, since the server was started. A member is the audit id, which ocsso audit-id prints.",
	},
	NothingRecent: Words{"아직 없습니다.", "Nothing yet."},
	Time:          Words{"시각", "Time"},
	Event:         Words{"종류", "Event"},
	Way:           Words{"방식", "Way"},
	Outcome:       Words{"결과", "Outcome"},
	Member:        Words{"회원", "Member"},
	HandedOff:     Words{"핸드오프", "Handoff"},
	LoginRefused:  Words{"로그인 거부", "Login refused"},
	TokenChecked:  Words{"토큰 검증", "Token check"},

	LoginType:      Words{"로그인 타입", "Login type"},
	LoginURL:       Words{"로그인 URL", "Login URL"},
	LoginStatusURL: Words{"로그인 상태 URL", "Login status URL"},
	Parameter:      Words{"파라미터 설정", "Parameter to send back"},
	TokenVerifyURL: Words{"Token 검증 URL", "Token verify URL"},

	Levels: [...]Words{LevelFine: {"정상", "Fine"}, LevelWarn: {"경고", "Warning"}, LevelWrong: {"문제 있음", "Needs fixing"}, LevelUnknown: {"확인 불가", "Unknown"}},
}

// Missing says what keeps members out, Worth what to look at although they can come, AllFine how
// much there is nothing to say about, and SentBack when the parameters came back.
func Missing(l Lang, what string) string { return fmt.Sprintf(Setup.missing.In(l), what) }
func Worth(l Lang, what string) string   { return fmt.Sprintf(Setup.readyBut.In(l), what) }
func AllFine(l Lang, n int) string       { return fmt.Sprintf(Setup.allFine.In(l), n) }
func SentBack(l Lang, at string) string  { return fmt.Sprintf(Setup.sentBack.In(l), at) }

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
	OrganizationKey, SessionKeys, Settings, Proxies, Services, PublicURL, HelpCenter, Clock, Store, Members Prerequisite
}{
	OrganizationKey: Prerequisite{Words{"조직 Key", "Organization key"}, Words{"설정되어 있으며, 예시나 임시 값이 아닙니다.", "Set, and neither a sample nor a placeholder."}},
	SessionKeys:     Prerequisite{Words{"세션 키", "Session keys"}, Words{"설정되어 있으며, 임시 값이 아닙니다.", "Set, and not placeholders."}},
	Settings:        Prerequisite{Words{"설정 파일", "Configuration"}, Words{"파일과 환경 변수의 내용이 이 서버에 그대로 적용되어 있습니다.", "This server runs with what the files and the environment say."}},
	Proxies:         Prerequisite{Words{"프록시", "Proxy"}, Words{"앞단의 프록시가 없거나 모두 server.trusted_proxies에 있습니다.", "There is none in front, or server.trusted_proxies has it."}},
	Services:        Prerequisite{Words{"서비스", "Services"}, Words{"설정에 없는 서비스의 페이지에서 온 회원이 없습니다.", "No member has come from a page of a service that is not configured."}},
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
	UnknownProxy, UnknownService, PublicURLPrivate                                  Fault
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
	UnknownProxy: Fault{LevelWarn,
		Words{"앞단의 프록시가 server.trusted_proxies에 없습니다. 모든 회원이 한 클라이언트로 집계되어, 다른 사람이 비밀번호를 틀리면 모두의 로그인이 제한됩니다.", "The proxy in front is not in server.trusted_proxies. All members count as one client, so that strangers’ wrong passwords hold everybody back."},
		Words{"이 주소가 운영하는 프록시의 주소이면 아래 줄을 설정에 넣고 서버를 다시 시작하세요.", "If this is the address of your proxy, put the line below into the configuration and restart the server."}},
	UnknownService: Fault{LevelWarn,
		Words{"설정에 없는 서비스의 페이지에서 회원이 왔습니다. 기본 서비스로 서명하므로 헬프센터가 거부합니다.", "Members came from a page of a service that is not configured. They are signed in for the default one, which the help center refuses."},
		Words{"운영하는 서비스이면 help_center.services에 추가하고 서버를 다시 시작하세요.", "If it is yours, add it to help_center.services and restart the server."}},
	PublicURLPrivate: Fault{LevelWarn,
		Words{"사설 주소로 연결되는 이름입니다. 그 네트워크 밖의 회원은 접속할 수 없고, Chrome은 회원에게 로컬 네트워크 접근을 허용할지 묻습니다.", "The name leads to a private address. Members outside of that network can’t open it, and Chrome asks those inside whether to allow access to the local network."},
		Words{"회원의 DNS에서 공인 주소로 연결되는지 확인하세요. 이 서버의 DNS에서만 사설 주소이면 괜찮습니다.", "See that the name has a public address in members’ DNS. If it is private in this server’s DNS alone, it is fine."}},
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
