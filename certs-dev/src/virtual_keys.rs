//! The authenticators that a browser makes for tests (WebDriver's virtual ones): what signs for them
//! in Chromium. Everybody has that key, so only dev and tests may trust it; `serve` refuses it.

/// Their model.
pub const AAGUID: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

/// What people call it.
pub const NAME: &str = "Virtual security key";

/// The certificate of their batch (PEM). Each browser writes a new one; name and key stay.
pub const BATCH: &str = "-----BEGIN CERTIFICATE-----
MIIB1TCCAXqgAwIBAgIBATAKBggqhkjOPQQDAjBgMQswCQYDVQQGEwJVUzERMA8G
A1UECgwIQ2hyb21pdW0xIjAgBgNVBAsMGUF1dGhlbnRpY2F0b3IgQXR0ZXN0YXRp
b24xGjAYBgNVBAMMEUJhdGNoIENlcnRpZmljYXRlMB4XDTE3MDcxNDAyNDAwMFoX
DTQ2MTEyMTAxMzc1NlowYDELMAkGA1UEBhMCVVMxETAPBgNVBAoMCENocm9taXVt
MSIwIAYDVQQLDBlBdXRoZW50aWNhdG9yIEF0dGVzdGF0aW9uMRowGAYDVQQDDBFC
YXRjaCBDZXJ0aWZpY2F0ZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABI1hfmXJ
UI5kvMVnOsgqZ5naPBRGaCwljEY//99Y39L6Pmw3i1PXlcSk3/tBme3Xhi8jq68C
A7S4kRugVpmU4QGjJTAjMAwGA1UdEwEB/wQCMAAwEwYLKwYBBAGC5RwCAQEEBAMC
BSAwCgYIKoZIzj0EAwIDSQAwRgIhAI24Mef36HII+2llKPsUmgUGof50ozpKTOzl
ckPoMfrUAiEAhJ690ASO6c1VVpjA2zEL6O/OLyLLt8zwVcN6omOr3Zo=
-----END CERTIFICATE-----
";
