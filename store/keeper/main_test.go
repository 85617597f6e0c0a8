package keeper

import (
	"os"
	"testing"

	"github.com/git-credential-pat/git-credential-pat/store/internal/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
