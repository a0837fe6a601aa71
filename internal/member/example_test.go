package member_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"

	"ocsso/internal/member"
	"ocsso/internal/password"
)

// A shopAPI is a Directory over a customer's own member API. A new member source needs no more than
// this. The server chooses one in the map directories of cmd/ocsso, and membertest tests it.
type shopAPI struct {
	http *http.Client // with a Timeout: the member is waiting
	url  string
	key  string
}

// Account implements member.Directory. It posts the usercode, because logs and errors show URLs.
func (s shopAPI) Account(ctx context.Context, usercode string) (member.Account, error) {
	form := url.Values{"id": {usercode}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/members/find", strings.NewReader(form.Encode()))
	if err != nil {
		return member.Account{}, fmt.Errorf("shop: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+s.key)
	resp, err := s.http.Do(req)
	if err != nil {
		return member.Account{}, fmt.Errorf("shop: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return readShopMember(io.LimitReader(resp.Body, 1<<16))
	case http.StatusNotFound:
		return member.Account{}, member.ErrUnknown
	}
	// Out of order, which is no wrong password
	return member.Account{}, fmt.Errorf("shop: status %d", resp.StatusCode)
}

// A shopMember is a member as the shop's API writes one.
type shopMember struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Mobile   string `json:"mobile"`
	Number   string `json:"number"`
	Password string `json:"password"` // its hash: bcrypt, argon2id, scrypt or PBKDF2
}

// readShopMember reads the API's answer. It is no matter whether the help center can take it.
func readShopMember(answer io.Reader) (member.Account, error) {
	var m shopMember
	if err := json.NewDecoder(answer).Decode(&m); err != nil {
		return member.Account{}, fmt.Errorf("shop: read the answer: %w", err)
	}
	return member.Account{
		Member:       member.Member{UserCode: m.ID, UserName: m.Name, Email: m.Email, Phone: m.Mobile, MemberNo: m.Number},
		PasswordHash: m.Password,
	}, nil
}

// startShop starts a stand-in for the customer's API.
func startShop(members ...shopMember) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, m := range members {
			if m.ID == strings.TrimRight(r.FormValue("id"), " ") && r.Header.Get("Authorization") == "Bearer its-key" {
				json.NewEncoder(w).Encode(m)
				return
			}
		}
		http.NotFound(w, r)
	}))
}

// Your own member source.
func ExampleDirectory() {
	api := startShop(shopMember{
		ID: "kim", Name: "김철수",
		Password: "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$mrcKdUQc2g5SDtY+IqU5/VFbCkNMfGxDclk68QM47bM",
	})
	defer api.Close()

	var members member.Directory = shopAPI{http: api.Client(), url: api.URL, key: "its-key"}
	gate := password.NewGate(runtime.GOMAXPROCS(0), 0)
	verify := func(ctx context.Context, hash, password string) (bool, error) {
		return gate.Verify(ctx, "the client's network", hash, password)
	}
	for _, typed := range []string{"correct horse", "battery staple"} {
		who, err := member.Authenticate(context.Background(), members, verify, "kim", typed)
		fmt.Printf("%q, error: %v\n", who.UserName, err)
	}
	// Output:
	// "김철수", error: <nil>
	// "", error: wrong member id or password
}
