package standin

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Faults are the faults set in the console. The zero value has none.
type Faults struct {
	// ClockOffset is added to the help center's clock.
	ClockOffset Duration `json:"clock_offset"`
	// BlockCookies makes the login status call go without the member's cookie, as in a browser that
	// blocks third-party cookies.
	BlockCookies bool `json:"block_cookies"`
	// Endpoints may have a fault for each of KindForm, KindAPI, KindHome, KindInquiry and
	// KindHistory.
	Endpoints map[Kind]Fault `json:"endpoints"`
}

// Fault is a fault of one endpoint. The zero value has no effect.
type Fault struct {
	// Delay passes before any answer. At most 60 s.
	Delay Duration `json:"delay"`
	// Status and Body replace the endpoint's answer when either is set. Status 0 then means 200.
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Duration is a time.Duration that is written as text in JSON, such as "1.5s".
type Duration time.Duration

// MarshalText writes the duration as time.Duration prints it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads text as time.ParseDuration does. Empty text is 0.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(cmp.Or(string(text), "0"))
	if err != nil { // encoding/json adds the field's name to no other type of error
		return &json.UnmarshalTypeError{Value: strconv.Quote(string(text)), Type: reflect.TypeFor[Duration]()}
	}
	*d = Duration(parsed)
	return nil
}

// preset is one of the faults that the console's page offers. The JSON API has all of them.
type preset struct {
	id     string
	name   words
	hint   words
	faults Faults
}

// onLogins is a fault of both remote logins.
func onLogins(f Fault) Faults {
	return Faults{Endpoints: map[Kind]Fault{KindForm: f, KindAPI: f}}
}

var presets = []preset{
	{"none", words{"None", "없음"}, words{"Everything answers as it should.", "모두 정상으로 응답합니다."}, Faults{}},
	{"slow", words{"Slow", "느림"}, words{"Every page and login answers after 3 seconds.", "모든 페이지와 로그인이 3초 뒤에 응답합니다."}, Faults{Endpoints: map[Kind]Fault{
		KindForm: {Delay: 3 * second}, KindAPI: {Delay: 3 * second}, KindHome: {Delay: 3 * second}, KindInquiry: {Delay: 3 * second}, KindHistory: {Delay: 3 * second},
	}}},
	{"500", words{"500", "500"}, words{"Remote logins answer 500.", "원격 로그인이 500으로 응답합니다."}, onLogins(Fault{Status: http.StatusInternalServerError, Body: "Internal Server Error"})},
	{"empty", words{"Empty answer", "빈 응답"}, words{"Remote logins answer 200 with nothing.", "원격 로그인이 내용 없이 200으로 응답합니다."}, onLogins(Fault{Status: http.StatusOK})},
	{"refused", words{"Refused", "거부"}, words{"Remote logins are refused, whatever is sent.", "무엇을 보내도 원격 로그인을 거부합니다."}, Faults{Endpoints: map[Kind]Fault{
		KindForm: {Status: http.StatusBadRequest, Body: "refused"},
		KindAPI:  {Body: `{"header":{"resultCode":400,"resultMessage":"refused","isSuccessful":false},"result":null}`},
	}}},
	{"clock", words{"Clock ahead", "빠른 시계"}, words{"The help center's clock is 10 minutes ahead, so that times are too old.", "헬프센터의 시계가 10분 빨라, 보낸 시간이 만료된 것으로 처리됩니다."}, Faults{ClockOffset: 600 * second}},
	{"hangs", words{"Hangs", "응답 없음"}, words{"Remote logins answer after a minute.", "원격 로그인이 1분 뒤에 응답합니다."}, onLogins(Fault{Delay: maxDelay})},
}

const second = Duration(time.Second)

// preset is the id of the preset that is set; "" for faults that only the API can set.
func (f Faults) preset() string {
	i := slices.IndexFunc(presets, func(p preset) bool {
		return f.ClockOffset == p.faults.ClockOffset && maps.Equal(f.set(), p.faults.set())
	})
	if i < 0 {
		return ""
	}
	return presets[i].id
}

// set returns the endpoints that have a fault.
func (f Faults) set() map[Kind]Fault {
	set := maps.Clone(f.Endpoints)
	maps.DeleteFunc(set, func(_ Kind, fault Fault) bool { return fault == Fault{} })
	return set
}

// describe says in a few words what is not normal.
func (f Faults) describe() (all []words) {
	if f.BlockCookies {
		all = append(all, words{"third-party cookies blocked", "서드파티 쿠키 차단 중"})
	}
	if f.ClockOffset != 0 {
		all = append(all, say("clock off by %s", "시계 차이 %s", time.Duration(f.ClockOffset)))
	}
	if len(f.set()) > 0 {
		all = append(all, words{"a fault is on", "오류 주입 중"})
	}
	return all
}

const maxDelay = Duration(time.Minute) // problems repeats it

// faultEndpoints lists the endpoints that can have a fault, in the console's order. Read-only.
var faultEndpoints = []Kind{KindForm, KindAPI, KindHome, KindInquiry, KindHistory}

// problems lists every problem of the faults, by its place in the JSON.
func (f Faults) problems() (found problems) {
	for endpoint, fault := range f.Endpoints {
		place := "endpoints." + string(endpoint)
		found.add(!slices.Contains(faultEndpoints, endpoint), place, "no such endpoint", "오류를 주입할 수 없는 대상입니다.")
		found.add(fault.Delay < 0 || fault.Delay > maxDelay, place+".delay", "must be between 0s and 1m0s", "0s에서 1m 사이여야 합니다.")
		found.add(fault.Status != 0 && (fault.Status < 200 || fault.Status > 599), place+".status",
			"must be between 200 and 599, or 0", "200에서 599 사이의 값이거나 0이어야 합니다.")
	}
	return found
}

// withFault applies the endpoint's fault, and calls the handler unless the fault has its own
// answer.
func (s *Simulator) withFault(endpoint Kind, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := s.faults().Endpoints[endpoint]
		// net/http notices that the caller has left only once the body is read. The handler refuses
		// a body that is too long.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return // the caller has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-r.Context().Done():
			return
		case <-time.After(time.Duration(fault.Delay)):
		}
		if fault.Status == 0 && fault.Body == "" {
			next(w, r)
			return
		}
		status := cmp.Or(fault.Status, http.StatusOK)
		event := newEvent(endpoint, r)
		event.Outcome, event.Status = OutcomeFault, status
		s.record(event.with(say("answered %d by a fault", "오류 주입으로 %d 응답", status)))
		contentType := "text/plain; charset=utf-8"
		if endpoint == KindAPI {
			contentType = "application/json"
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		io.WriteString(w, fault.Body) // an error means that the client has left
	}
}
