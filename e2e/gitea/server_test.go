package gitea

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"text/template"
	"time"
)

// A server is a running Gitea with an administrator called root.
type server struct {
	host     string // 127.0.0.1:PORT
	path     string // what it is below, "" or "/PATH"
	dir      string // of its files
	password string // of root
	client   *http.Client
}

var config = template.Must(template.New("app.ini").Parse(`
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true ; CI is root in its container

[database]
DB_TYPE = sqlite3
SQLITE_JOURNAL_MODE = OFF

[server]
PROTOCOL = https
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {{.Port}}
ROOT_URL = https://127.0.0.1:{{.Port}}{{.Path}}/
LOCAL_ROOT_URL = https://127.0.0.1:{{.Port}}{{.Path}}/
USE_SUB_URL_PATH = {{ne .Path ""}}
CERT_FILE = {{.Dir}}/cert.pem
KEY_FILE = {{.Dir}}/key.pem
STATIC_ROOT_PATH = {{.Static}}
OFFLINE_MODE = true
DISABLE_SSH = true
LFS_START_SERVER = true

[security]
INSTALL_LOCK = true

[log]
MODE = console
LEVEL = Warn
`))

// static is the folder of Gitea's module, which has its templates and locales.
var static = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "code.gitea.io/gitea").Output()
	return strings.TrimSpace(string(out)), err
})

// startServer starts a Gitea with its files in dir. The function that it returns
// stops it.
func startServer(dir, path string) (*server, func(), error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	s := &server{host: listener.Addr().String(), path: path, dir: dir}
	listener.Close() // Gitea cannot take a listener over
	roots, err := writeCertificate(dir)
	if err != nil {
		return nil, nil, err
	}
	s.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	from, err := static()
	if err != nil {
		return nil, nil, err
	}
	var ini bytes.Buffer
	_, port, _ := net.SplitHostPort(s.host)
	if err := config.Execute(&ini, map[string]string{"Port": port, "Path": path, "Dir": dir, "Static": from}); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "app.ini"), ini.Bytes(), 0o600); err != nil {
		return nil, nil, err
	}
	if _, err := s.run("migrate"); err != nil {
		return nil, nil, err
	}
	out, err := s.run("admin", "user", "create", "--admin", "--username=root", "--email=root@example.com", "--must-change-password=false", "--random-password")
	if err != nil {
		return nil, nil, err
	}
	found := regexp.MustCompile(`random password is '(.+)'`).FindStringSubmatch(out)
	if found == nil {
		return nil, nil, errors.New("gitea admin user create: no password")
	}
	s.password = found[1]
	stop, err := s.serve()
	return s, stop, err
}

func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(programs, "gitea"), append([]string{"--work-path", s.dir, "--config", filepath.Join(s.dir, "app.ini")}, args...)...)
	cmd.Env = []string{"HOME=" + s.dir, "PATH=" + os.Getenv("PATH")}
	return cmd
}

func (s *server) run(args ...string) (string, error) {
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("gitea %s: %v\n%s", args[0], err, out)
	}
	return string(out), err
}

// serve starts the server and waits until it answers.
func (s *server) serve() (stop func(), err error) {
	log, err := os.Create(filepath.Join(s.dir, "gitea.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	web := s.command("web")
	web.Stdout, web.Stderr = log, log
	if err := web.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() { web.Wait(); close(ended) }()
	stop = func() { web.Process.Kill(); <-ended }
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if err = s.api("GET", "version", "", "", nil); err == nil {
			return stop, nil
		}
		select {
		case <-ended:
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
			continue
		}
		stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("gitea does not answer: %v\n%s", err, text)
	}
}

// api calls Gitea's API, as root on behalf of a user, and decodes the reply into out,
// unless that is nil.
func (s *server) api(method, path, user, body string, out any) error {
	request, err := http.NewRequest(method, "https://"+s.host+s.path+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.SetBasicAuth("root", s.password)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sudo", user)
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	return err
}

// writeCertificate writes a certificate for 127.0.0.1, which is its own authority.
func writeCertificate(dir string) (*x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(48 * time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(public)
	return roots, errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), public, 0o600),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600),
	)
}
