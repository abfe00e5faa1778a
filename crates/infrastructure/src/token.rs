//! Access tokens (JWT, RFC 7519) and refresh tokens.

use std::collections::HashMap;

use alumx_application::ports::{AccessClaims, SigningError, TokenIssuer};
use alumx_domain::account::{InvitationHash, RefreshTokenHash, Role, SessionId, UserId};
use alumx_domain::clock::Timestamp;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

/// Issuer and audience of the tokens: they are made and read by this service alone.
const SERVICE: &str = "alumx";

/// A secret too weak to sign with.
#[derive(Debug, thiserror::Error)]
#[error("a token secret must have at least 32 bytes, this one has {0}")]
pub struct WeakSecret(usize);

/// Signs access tokens with HMAC-SHA-256 under the first of its secrets, and accepts those signed
/// under any of them: a new secret is put before the old one, which goes when its last token has
/// expired.
pub struct JwtIssuer {
    key_id: String,
    encoding: EncodingKey,
    decoding: HashMap<String, DecodingKey>,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: i64,
    role: Role,
    iat: i64,
    exp: i64,
}

impl JwtIssuer {
    /// An issuer that signs with `current` and also accepts what `previous` signed.
    pub fn new(
        current: &SecretSlice<u8>,
        previous: &[SecretSlice<u8>],
    ) -> Result<Self, WeakSecret> {
        let mut decoding = HashMap::new();
        for secret in previous.iter().chain([current]) {
            let secret = secret.expose_secret();
            if secret.len() < 32 {
                return Err(WeakSecret(secret.len()));
            }
            decoding.insert(key_id(secret), DecodingKey::from_secret(secret));
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[SERVICE]);
        validation.set_audience(&[SERVICE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Compared with the clock of the service, below.
        validation.validate_exp = false;
        let current = current.expose_secret();
        Ok(Self {
            key_id: key_id(current),
            encoding: EncodingKey::from_secret(current),
            decoding,
            validation,
        })
    }
}

impl TokenIssuer for JwtIssuer {
    fn issue_access(&self, claims: &AccessClaims) -> Result<SecretString, SigningError> {
        let header = Header {
            kid: Some(self.key_id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        let claims = Claims {
            iss: SERVICE.to_owned(),
            aud: SERVICE.to_owned(),
            sub: claims.user.to_string(),
            sid: claims.session.raw(),
            role: claims.role,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        jsonwebtoken::encode(&header, &claims, &self.encoding)
            .map(SecretString::from)
            .map_err(|error| SigningError(error.to_string()))
    }

    fn verify_access(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let key_id = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.decoding.get(&key_id)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation)
            .ok()?
            .claims;
        let expires_at = Timestamp::from_timestamp(claims.exp, 0)?;
        (now < expires_at).then_some(AccessClaims {
            user: claims.sub.parse::<UserId>().ok()?,
            role: claims.role,
            session: SessionId::try_from(claims.sid).ok()?,
            issued_at: Timestamp::from_timestamp(claims.iat, 0)?,
            expires_at,
        })
    }

    fn new_refresh(&self) -> SecretString {
        let bytes: [u8; 32] = rand::random();
        URL_SAFE_NO_PAD.encode(bytes).into()
    }

    fn hash_refresh(&self, token: &str) -> RefreshTokenHash {
        RefreshTokenHash(sha256(token.as_bytes()))
    }
}

/// A new secret to sign with: 64 characters that stand for 256 random bits.
pub fn new_secret() -> SecretSlice<u8> {
    hex::encode(rand::random::<[u8; 32]>()).into_bytes().into()
}

/// The token of a new invitation, 64 characters that stand for 256 random bits, and its hash. Not
/// in base 64, in which a token may look like a formula to a spreadsheet.
pub fn new_invitation() -> (String, InvitationHash) {
    let token = hex::encode(rand::random::<[u8; 32]>());
    let hash = InvitationHash(sha256(token.as_bytes()));
    (token, hash)
}

/// A short public name of a secret that tells nothing of it.
fn key_id(secret: &[u8]) -> String {
    let digest = sha256(&[b"alumx token key id", secret].concat());
    URL_SAFE_NO_PAD.encode(&digest[..9])
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> SecretSlice<u8> {
        vec![byte; 32].into()
    }

    fn issuer() -> JwtIssuer {
        JwtIssuer::new(&secret(1), &[]).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user: UserId::try_from(7).unwrap(),
            role: Role::Alumni,
            session: SessionId::try_from(9).unwrap(),
            issued_at: at(1000),
            expires_at: at(1900),
        }
    }

    fn token(issuer: &JwtIssuer) -> String {
        issuer
            .issue_access(&claims())
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    /// The token with its header and claims changed and signed by nobody.
    fn forged(header: &str, claims: &str, signature: &str) -> String {
        [
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims),
            signature.to_owned(),
        ]
        .join(".")
    }

    #[test]
    fn a_token_says_what_was_signed_until_it_expires() {
        let issuer = issuer();

        assert_eq!(
            issuer.verify_access(&token(&issuer), at(1899)),
            Some(claims())
        );
        assert_eq!(issuer.verify_access(&token(&issuer), at(1900)), None);
    }

    #[test]
    fn a_rotated_secret_is_accepted_while_it_is_listed() {
        let old = token(&issuer());
        let rotated = JwtIssuer::new(&secret(2), &[secret(1)]).unwrap();
        let done = JwtIssuer::new(&secret(2), &[]).unwrap();

        assert_eq!(rotated.verify_access(&old, at(1500)), Some(claims()));
        assert_eq!(done.verify_access(&old, at(1500)), None);
        assert_eq!(
            done.verify_access(&token(&rotated), at(1500)),
            Some(claims())
        );
    }

    #[test]
    fn what_was_not_signed_here_is_refused() {
        let issuer = issuer();
        let good = token(&issuer);
        let [header, payload, signature]: [&str; 3] =
            good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let decode = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let (header, payload) = (decode(header), decode(payload));
        let none = header.replace("HS256", "none");
        let other_algorithm = header.replace("HS256", "HS512");
        let admin = payload.replace("ALUMNI", "ADMIN");
        assert_ne!(admin, payload);

        assert!(
            issuer
                .verify_access(&forged(&header, &payload, signature), at(1500))
                .is_some()
        );
        for bad in [
            forged(&none, &payload, ""),
            forged(&none, &payload, signature),
            forged(&other_algorithm, &payload, signature),
            forged(&header, &admin, signature),
            forged(r#"{"alg":"HS256"}"#, &payload, signature),
            good[..good.len() - 2].to_owned(),
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
        ] {
            assert_eq!(issuer.verify_access(&bad, at(1500)), None, "{bad}");
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        let short: SecretSlice<u8> = vec![1; 31].into();

        assert!(JwtIssuer::new(&short, &[]).is_err());
        assert!(JwtIssuer::new(&secret(1), &[short]).is_err());
    }

    #[test]
    fn refresh_tokens_are_256_bits_and_stored_as_sha_256() {
        let issuer = issuer();

        let token = issuer.new_refresh();

        assert_eq!(
            URL_SAFE_NO_PAD.decode(token.expose_secret()).unwrap().len(),
            32
        );
        assert_ne!(token.expose_secret(), issuer.new_refresh().expose_secret());
        // FIPS 180-2, appendix B.1.
        let abc = hex::encode(issuer.hash_refresh("abc").0);
        assert_eq!(
            abc,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
