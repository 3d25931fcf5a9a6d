//! English: the ways to sign in, by name.

use policies::signin::Method;

use crate::messages::WayText;

/// Name and hint of a way to sign in.
pub(super) const fn way(method: Method) -> WayText {
    let (name, hint) = match method {
        Method::Smartcard => (
            "Smartcard",
            "Put your card in the reader first. Your browser asks for the certificate, then for \
             your passcode.",
        ),
        Method::Fido2 => (
            "Security key",
            "A key in the USB port, or held to the reader. Your browser asks for its PIN or your \
             finger; some browsers call it an external security key.",
        ),
        Method::WindowsHello => (
            "Windows Hello",
            "The PIN, finger or face of this Windows computer.",
        ),
        Method::Passkey => (
            "Passkey",
            "This iPad, phone or computer. Your browser asks for its code, finger or face.",
        ),
        Method::Ios => ("iPad", "The app on your iPad."),
        Method::Totp => (
            "Password and authenticator app",
            "Your user name, your password, and the six digits that your app shows now.",
        ),
        Method::Federated => (
            "Another organisation",
            "The account of your own organisation, such as NHS.net Connect.",
        ),
    };
    WayText { name, hint }
}
