package main

import (
	"testing"

	"github.com/git-credential-pat/git-credential-pat/credential"
	"github.com/git-credential-pat/git-credential-pat/credential/forge"
	"github.com/git-credential-pat/git-credential-pat/protocol"
	"github.com/git-credential-pat/git-credential-pat/store/keeper"
)

func TestUserName(t *testing.T) {
	const none = ""
	for _, test := range []struct {
		host     string
		kind     credential.Kind
		recorded string
		asked    string
		want     string
	}{
		{"github.com", credential.FineGrained, none, none, "x-access-token"},
		{"github.com", credential.FineGrained, "alice", none, "alice"},
		{"github.com", credential.FineGrained, "alice", "x-access-token", "x-access-token"},
		{"github.com", credential.FineGrained, "alice", "git", "alice"},
		{"github.com", credential.FineGrained, none, "git", "x-access-token"},
		{"github.com", credential.FineGrained, none, "alice", "alice"},
		{"github.com", credential.FineGrained, none, "git-push", "x-access-token"},
		{"gitlab.com", forge.GitLabToken, none, "oauth2", "x-access-token"},
		{"gitlab.com", forge.GitLabDeploy, "gitlab+deploy-token-1", none, "gitlab+deploy-token-1"},
		{"gitlab.com", forge.GitLabDeploy, "gitlab+deploy-token-1", "x-access-token", "gitlab+deploy-token-1"},
		{"gitlab.com", forge.GitLabJob, none, none, "gitlab-ci-token"},
		{"gitlab.com", forge.GitLabJob, none, "alice", "gitlab-ci-token"},
		{"dev.azure.com", forge.AzureToken, none, "acme", "x-access-token"},
		{"bitbucket.org", forge.BitbucketAPI, none, "alice", "x-bitbucket-api-token-auth"},
		{"bitbucket.org", forge.BitbucketAPI, "bob", "alice", "bob"},
		{"bitbucket.org", forge.BitbucketAccess, none, "alice", "x-token-auth"},
		{"bitbucket.org", forge.BitbucketAccess, "bob", "x-access-token", "x-token-auth"},
		{"bb.example.com", forge.BitbucketHTTP, none, none, "x-token-auth"},
		{"bb.example.com", forge.BitbucketHTTP, none, "alice", "alice"},
		{"git.example.com", credential.Other, none, none, "x-access-token"},
		{"git.example.com", credential.Other, none, "git", "git"},
	} {
		request := credential.Request{Host: test.host, Path: "acme/app", Username: test.asked}
		secret := credential.NewSecret("test")
		winner := credential.Considered{}
		winner.Record = credential.Record{Target: credential.Target{Host: test.host}, Kind: test.kind, Username: test.recorded}
		login := keeper.Login{Username: test.recorded, Named: test.recorded != "", Password: &secret}
		answer := makeAnswer(protocol.Message{}, request, winner, login)
		if got := answer.Get("username"); got != test.want {
			t.Errorf("%s, %s of %q, asked for %q: got %q, want %q", test.host, test.kind, test.recorded, test.asked, got, test.want)
		}
	}
}
