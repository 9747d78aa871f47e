package guard

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The library sets a second status when a client is gone; that is no mistake to be logged, and the first one stands.
func TestASecondStatusIsPassedOver(t *testing.T) {
	var said bytes.Buffer
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "begun")
		w.WriteHeader(499)
	})
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = New(next, "key", server.Listener.Addr(), nil, log.New(io.Discard, "", 0))
	server.Config.ErrorLog = log.New(&said, "", 0)
	server.Start()
	req, _ := http.NewRequest(http.MethodGet, server.URL, nil)
	req.Header.Set("Authorization", "Bearer key")
	r, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	server.Close()
	if r.StatusCode != http.StatusAccepted || string(body) != "begun" || said.Len() > 0 {
		t.Fatalf("%s %q; logged %q", r.Status, body, said.String())
	}
}
