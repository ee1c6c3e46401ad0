//! The formats that makers gave a recognisable beginning, so that scanners can find them.
//!
//! Data: each row is what a maker documents, or what its tokens look like today. Lengths are lower bounds where a format
//! grew before.

use super::alphabet::{alnum, based, dotted, grouped, hex, lower, path, upper, word};

/// How a token has to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Anywhere: its beginning is like nothing else.
    Anywhere,
    /// Not directly behind a letter or a digit.
    Alone,
    /// Alone, and no longer than that.
    Exactly,
    /// Alone, with letters and digits among what follows.
    Mixed,
}

/// A kind of credential: how it begins, which characters follow, and how many at least.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) prefixes: &'static [&'static str],
    pub(super) body: fn(char) -> bool,
    pub(super) least: usize,
    pub(super) stands: Stands,
}

const fn shape(
    name: &'static str,
    prefixes: &'static [&'static str],
    body: fn(char) -> bool,
    least: usize,
    stands: Stands,
) -> Shape {
    Shape { name, prefixes, body, least, stands }
}

use Stands::{Alone, Anywhere, Exactly, Mixed};

/// All of them.
#[rustfmt::skip]
pub(super) const SHAPES: &[Shape] = &[
    shape("a GitHub token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], dotted, 30, Anywhere),
    shape("a GitHub token", &["github_pat_"], word, 30, Anywhere),
    shape("a GitLab token", &["glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-",
        "gloas-", "glsoat-", "glffct-", "glwt-"], dotted, 20, Anywhere),
    shape("a GitLab token", &["GR1348941"], word, 20, Alone),
    shape("a Bitbucket token", &["ATBB", "BBDC-"], alnum, 24, Alone),
    shape("an Atlassian token", &["ATATT3x", "ATCTT3x", "ATSTT3x"], based, 30, Anywhere),
    shape("an AWS access key", &["AKIA", "ASIA", "ABIA", "ACCA"], upper, 16, Alone),
    shape("an AWS key", &["ABSK"], based, 60, Alone),
    shape("an AWS session token", &["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"], based, 60, Alone),
    shape("a signed address", &["X-Amz-Signature=", "X-Goog-Signature="], hex, 64, Alone),
    shape("an AWS key", &["amzn.mws."], word, 30, Alone),
    shape("an AWS key", &["da2-"], lower, 26, Exactly),
    shape("a Google API key", &["AIza"], word, 35, Alone),
    shape("a Google token", &["ya29."], dotted, 20, Alone),
    shape("a Google client secret", &["GOCSPX-"], word, 20, Anywhere),
    shape("a Google token", &["1//0", "4/0A"], word, 30, Alone),
    shape("a Google key", &["GOOG1"], upper, 40, Alone),
    shape("an Azure key", &["AccountKey=", "SharedAccessKey=", "accountkey=", "sharedaccesskey="], based, 40, Alone),
    shape("an Azure signature", &["sig="], based, 40, Alone),
    shape("a Slack token", &["xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-",
        "xapp-", "xwfp-"], dotted, 10, Alone),
    shape("a Slack webhook", &["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
        path, 20, Anywhere),
    shape("a webhook", &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/",
        "outlook.office.com/webhook/", "hooks.zapier.com/hooks/catch/"], path, 12, Anywhere),
    shape("a Stripe key", &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], word, 16, Anywhere),
    shape("a webhook secret", &["whsec_"], based, 24, Anywhere),
    shape("a Twilio key", &["SK"], hex, 32, Exactly),
    shape("a SendGrid key", &["SG."], dotted, 50, Alone),
    shape("a Mailgun key", &["key-"], hex, 32, Exactly),
    shape("a Mailchimp key", &["md-"], word, 22, Exactly),
    shape("a Brevo key", &["xkeysib-", "xsmtpsib-"], word, 40, Anywhere),
    shape("an npm token", &["npm_"], alnum, 36, Anywhere),
    shape("a PyPI token", &["pypi-AgE"], word, 30, Anywhere),
    shape("a crates.io token", &["cio"], alnum, 32, Exactly),
    shape("a RubyGems token", &["rubygems_"], hex, 40, Anywhere),
    shape("a NuGet key", &["oy2"], lower, 43, Exactly),
    shape("a Clojars token", &["CLOJARS_"], lower, 40, Anywhere),
    shape("a Docker token", &["dckr_pat_", "dckr_oat_"], word, 20, Anywhere),
    shape("a JFrog token", &["AKCp"], alnum, 60, Alone),
    shape("a JFrog token", &["cmVmdGtuOj"], alnum, 40, Alone),
    shape("a DigitalOcean token", &["dop_v1_", "doo_v1_", "dor_v1_"], hex, 40, Anywhere),
    shape("a Heroku key", &["HRKU-"], word, 30, Anywhere),
    shape("a Fly.io token", &["fm1_", "fm2_", "fm1r_", "fm1a_", "fo1_"], based, 40, Alone),
    shape("a Netlify token", &["nfp_"], alnum, 30, Alone),
    shape("a Vercel token", &["vcp_", "vci_", "vca_", "vcr_", "vck_"], alnum, 24, Mixed),
    shape("a Cloudflare key", &["v1.0-"], word, 100, Alone),
    shape("a Cloudflare token", &["cfut_", "cfat_", "cfk_"], alnum, 36, Alone),
    shape("a Supabase key", &["sbp_", "sb_secret_"], word, 20, Anywhere),
    shape("a PlanetScale secret", &["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], dotted, 30, Anywhere),
    shape("a database token", &["neon_"], alnum, 40, Alone),
    shape("an OpenAI key", &["sk-proj-", "sk-svcacct-", "sk-admin-"], word, 20, Alone),
    shape("an Anthropic key", &["sk-ant-"], word, 20, Alone),
    shape("an AI service's key", &["sk-or-v1-", "gsk_", "xai-", "pplx-", "nvapi-", "lsv2_pt_", "lsv2_sk_"], word, 30,
        Alone),
    shape("an AI service's key", &["r8_"], alnum, 36, Alone),
    shape("an OpenAI key", &["sk-"], word, 32, Mixed),
    shape("a Hugging Face token", &["hf_", "api_org_"], alnum, 30, Alone),
    shape("a Databricks token", &["dapi"], hex, 32, Alone),
    shape("a Vault token", &["hvs.", "hvb.", "hvr."], word, 24, Alone),
    shape("a Doppler token", &["dp.pt.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit.", "dp.said."], alnum, 40, Alone),
    shape("a Doppler token", &["dp.st."], dotted, 40, Alone),
    shape("a Pulumi token", &["pul-"], hex, 40, Alone),
    shape("a Linear key", &["lin_api_", "lin_oauth_"], alnum, 30, Anywhere),
    shape("a Notion token", &["secret_", "ntn_"], alnum, 40, Mixed),
    shape("a Figma token", &["figd_", "figo_", "figu_"], word, 36, Alone),
    shape("an Airtable token", &["pat"], dotted_alnum, 79, Alone),
    shape("a Postman key", &["PMAK-", "PMAT-"], word, 24, Alone),
    shape("a Contentful token", &["CFPAT-"], word, 40, Alone),
    shape("a Shopify token", &["shpat_", "shpca_", "shppa_", "shpss_", "shptka_"], alnum, 32, Anywhere),
    shape("a Square token", &["sq0atp-", "sq0csp-", "sq0idp-"], word, 22, Alone),
    shape("a Square token", &["EAAA"], word, 58, Alone),
    shape("a Facebook token", &["EAA"], alnum, 90, Mixed),
    // Twenty-one of them are the zero bytes before the number of an application.
    shape("a Twitter token", &["AAAAAAAAAAAAAAAAAAAAA"], based, 60, Mixed),
    shape("a payment service's key", &["shippo_live_", "shippo_test_", "duffel_live_", "duffel_test_", "EZAK", "EZTK"],
        word, 36, Alone),
    shape("a payment service's key", &["access_token$production$", "access_token$sandbox$"], hex, 32, Alone),
    shape("a New Relic key", &["NRAK-", "NRJS-", "NRII-", "NRRA-", "NRIQ-", "NRAA-", "NRSP-"], word, 19, Alone),
    shape("a Grafana token", &["glc_", "glsa_"], based, 32, Anywhere),
    // `{"k":"` in base64.
    shape("a Grafana key", &["eyJrIjoi"], based, 60, Alone),
    shape("a Sentry token", &["sntrys_", "sntryu_", "sntrya_"], based, 40, Anywhere),
    shape("a Dynatrace token", &["dt0c01.", "dt0s01.", "dt0s02."], dotted, 60, Anywhere),
    shape("a PostHog key", &["phx_"], alnum, 40, Alone),
    shape("a Sonar token", &["sqp_", "squ_", "sqa_"], hex, 40, Alone),
    shape("a CircleCI token", &["CCIPAT_", "CCIPRJ_"], word, 40, Alone),
    shape("a Buildkite token", &["bkua_"], hex, 40, Alone),
    shape("a Sourcegraph token", &["sgp_"], word, 40, Alone),
    shape("a Tailscale key", &["tskey-"], word, 20, Anywhere),
    shape("a Typeform token", &["tfp_"], dotted, 40, Alone),
    shape("a Prefect key", &["pnu_", "pnb_"], alnum, 36, Alone),
    shape("a Readme key", &["rdme_"], alnum, 60, Alone),
    shape("an Infracost key", &["ico-"], alnum, 32, Exactly),
    shape("an Adobe secret", &["p8e-", "p8."], word, 32, Alone),
    shape("an Alibaba key", &["LTAI"], alnum, 16, Mixed),
    shape("a Yandex key", &["AQVN", "y0_"], word, 35, Alone),
    shape("an OpenShift token", &["sha256~"], word, 40, Alone),
    shape("a 1Password secret", &["A3-"], grouped, 30, Alone),
    shape("a 1Password token", &["ops_eyJ"], based, 60, Alone),
    shape("a Mapbox secret", &["sk.eyJ"], dotted, 40, Alone),
    shape("an Octopus key", &["API-"], upper, 26, Mixed),
    shape("an Artifactory key", &["ghcr_", "quay_"], word, 36, Alone),
    shape("a private key", &["AGE-SECRET-KEY-1", "AGE-PLUGIN-"], upper, 40, Anywhere),
    shape("a JSON web token", &["eyJ"], based_dotted, 40, Alone),
];

fn dotted_alnum(c: char) -> bool {
    alnum(c) || c == '.'
}

fn based_dotted(c: char) -> bool {
    dotted(c) || matches!(c, '+' | '/' | '=')
}
