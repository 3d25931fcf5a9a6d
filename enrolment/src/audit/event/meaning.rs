//! The words that document fields.

/// What each field means, in whatever kind it occurs.
macro_rules! meaning {
    (account) => {
        "Hash of the issuer and the subject of an account elsewhere."
    };
    (actor) => {
        "Who did it."
    };
    (algorithm) => {
        "`RS256` or `ES256`."
    };
    (authenticator) => {
        "The authenticator."
    };
    (bound_at) => {
        "The level at which it was added."
    };
    (card) => {
        "The card."
    };
    (certificate) => {
        "The certificate, where it is one of ours."
    };
    (certificates) => {
        "Hashes of the certificates, in the order of the serials."
    };
    (channel) => {
        "`mail`, `sms` or `back_channel`."
    };
    (client) => {
        "The application, where it is a registered one."
    };
    (code) => {
        "The code: of a refusal, or an authorization code as its hash."
    };
    (deputy) => {
        "The naming."
    };
    (ends_at) => {
        "Its last second."
    };
    (evidence) => {
        "The level that its evidence proves."
    };
    (federation) => {
        "The other organisation, as the configuration names it."
    };
    (ground) => {
        "On which ground."
    };
    (intent) => {
        "The wish that this belongs to."
    };
    (invitation) => {
        "The link that a desk gave."
    };
    (issuer) => {
        "The key identifier of the issuer."
    };
    (key) => {
        "Hash of the public half of the key."
    };
    (letter) => {
        "The number of the letter in the outbox."
    };
    (level) => {
        "The level reached (`acr`)."
    };
    (list) => {
        "Hash of the list."
    };
    (listener) => {
        "The listener."
    };
    (mark) => {
        "The mark."
    };
    (method) => {
        "What really happened (`amr`)."
    };
    (now) => {
        "What the clock said."
    };
    (number) => {
        "The number of the list (RFC 5280 5.2.3)."
    };
    (organisation) => {
        "The organisation."
    };
    (person) => {
        "Whom it is about, where that is known."
    };
    (plastic) => {
        "What became of the plastic."
    };
    (reason) => {
        "Why."
    };
    (reference) => {
        "The reference that the page or the answer shows."
    };
    (role) => {
        "The role, where there is one."
    };
    (out_of_area) => {
        "Whether the person is of another registration authority."
    };
    (second_actor) => {
        "The second one who acted, another one."
    };
    (serial) => {
        "The serial number."
    };
    (serials) => {
        "One serial number per certificate of the set."
    };
    (session) => {
        "The session."
    };
    (shard) => {
        "The shard; none for the full list."
    };
    (superseded) => {
        "The serial numbers of the set before it."
    };
    (state) => {
        "Where it stands now."
    };
    (task) => {
        "What was asked for."
    };
    (to_be_signed) => {
        "Hashes of the bytes to be signed, in the order of the serials."
    };
    (token) => {
        "The access token, hashed."
    };
    (workgroup) => {
        "The workgroup: the ward."
    };
}
