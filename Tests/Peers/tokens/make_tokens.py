#!/usr/bin/env python3
# Makes tokens.json: keys and tokens as PyJWT makes them, for the tests of Tokens and of the engine.
#
# Run by hand when a case is added (`pip install 'PyJWT[crypto]'`): it makes new keys and writes every token anew. The
# private keys are thrown away. Times: tokens were issued on 2023-11-14 and end in 2100.
import base64, hashlib, hmac, json, pathlib
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUED, END = 1_700_000_000, 4_102_444_800
CLAIMS = {"iss": "https://login.example", "aud": "shop", "sub": "alice", "scope": "orders:read orders:write",
          "iat": ISSUED, "nbf": ISSUED, "exp": END}
SECRET = "correct horse battery staple, and sixty-four bytes of it at the least"

rsa_key, other_rsa_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
keys = {"RS256": rsa_key, "RS384": rsa_key, "RS512": rsa_key, "PS256": rsa_key, "PS384": rsa_key, "PS512": rsa_key,
        "ES256": ec.generate_private_key(ec.SECP256R1()), "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate()}
ids = {"RS256": "rsa", "ES256": "p256", "ES384": "p384", "ES512": "p521", "EdDSA": "ed25519"}


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key, algorithm, kid, **more):
    made = jwt.algorithms.get_default_algorithms()[algorithm].to_jwk(key.public_key(), as_dict=True)
    made.pop("key_ops", None)
    return made | {"kid": kid, "use": "sig"} | more


def kid(algorithm):
    return "rsa" if algorithm[:2] in ("RS", "PS") else ids.get(algorithm)


def text(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def sign(algorithm="ES256", headers=None, key=None, **claims):
    """A token with these claims instead of the usual ones; None removes one."""
    merged = {k: v for k, v in (CLAIMS | claims).items() if v is not None}
    headers = {"kid": kid(algorithm)} if headers is None else headers
    return jwt.api_jws.encode(
        json.dumps(merged).encode(), key or keys[algorithm], algorithm=algorithm, headers={"typ": "JWT"} | headers)


def sign_payload(payload):
    return jwt.api_jws.encode(payload, keys["ES256"], algorithm="ES256", headers={"kid": "p256", "typ": "JWT"})


def forge(header, mac_key):
    """HMAC with what is no secret."""
    signed = f"{text(header)}.{text(CLAIMS)}"
    digest = hmac.new(mac_key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{text(digest)}"


def signature_in_der():
    from cryptography.hazmat.primitives import hashes
    signed = f'{text({"alg": "ES256", "kid": "p256"})}.{text(CLAIMS)}'
    return f'{signed}.{text(keys["ES256"].sign(signed.encode(), ec.ECDSA(hashes.SHA256())))}'


public = [jwk(keys[a], a, i) for a, i in ids.items()]
jwks = {"keys": public}
rsa_pem = pem(rsa_key)
plain = sign()
none = text({"alg": "none", "typ": "JWT"}) + "." + text(CLAIMS) + "."
refused = {
    "malformed": ["", ".", "..", "...", "a.b", "a.b.c", plain + ".", plain + ".a", "." + plain, plain.replace(".", "..", 1),
                  plain + "=", " " + plain, plain.split(".", 1)[1], text([]) + "." + text(CLAIMS) + ".AAAA",
                  text({"typ": "JWT"}) + "." + text(CLAIMS) + ".AAAA", text({"alg": 5}) + "." + text(CLAIMS) + ".AAAA",
                  plain + "!", plain.replace(".", "=.", 1), plain + "\n",
                  text({"alg": "ES256", "kid": 7}) + "." + text(CLAIMS) + ".AAAA",
                  text(b"\xff{}") + "." + text(CLAIMS) + ".AAAA"],
    "algorithmNotAllowed": [none, none + "AAAA"]
    + [text({"alg": a}) + "." + text(CLAIMS) + ".AAAA" for a in ("None", "NONE", "es256", "ES256K", "HS1", "", "RSA-OAEP")],
    "extensionNotUnderstood": [sign(headers={"kid": "p256", "crit": ["exp"]}),
                               text({"alg": "ES256", "crit": []}) + "." + text(CLAIMS) + ".AAAA",
                               text({"alg": "ES256", "crit": ["b64"], "b64": False}) + "." + text(CLAIMS) + ".AAAA"],
    "wrongType": [sign(headers={"kid": "p256", "typ": t}) for t in ("dpop+jwt", "secevent+jwt", "logout+jwt", "JOSE")],
    "unknownKey": [sign(headers={"kid": "other"}), sign(headers={"kid": ""}), sign("RS256", headers={"kid": "p256"}),
                   sign("ES256", headers={"kid": "p384"}), sign("EdDSA", headers={"kid": "p256"}),
                   forge({"alg": "HS256", "kid": "rsa"}, rsa_pem), forge({"alg": "HS256"}, rsa_pem),
                   forge({"alg": "HS256", "kid": "rsa"}, rsa_pem.strip()), forge({"alg": "HS256"}, json.dumps(jwks)),
                   forge({"alg": "HS256", "kid": "p256"}, "")],
    "wrongSignature": [sign("RS256", key=other_rsa_key), sign("PS256", key=other_rsa_key), signature_in_der(),
                       # Keys that a token brings along, or points to.
                       sign("RS256", headers={"kid": "rsa", "jwk": jwk(other_rsa_key, "RS256", "rsa")}, key=other_rsa_key),
                       sign("RS256", headers={"kid": "rsa", "jku": "https://evil.example/jwks.json"}, key=other_rsa_key),
                       sign("RS256", headers={"kid": "rsa", "x5u": "https://evil.example/x.pem"}, key=other_rsa_key),
                       # The signature of another algorithm of the same key.
                       text({"alg": "PS256", "kid": "rsa"}) + "." + text(CLAIMS) + "." + sign("RS256").split(".")[2],
                       text({"alg": "ES256", "kid": "p256"}) + "." + text(CLAIMS) + ".",
                       text({"alg": "ES256", "kid": "p256"}) + "." + text(CLAIMS) + "." + text(bytes(64)),
                       text({"alg": "EdDSA", "kid": "ed25519"}) + "." + text(CLAIMS) + "." + text(bytes(64)),
                       text({"alg": "RS256", "kid": "rsa"}) + "." + text(CLAIMS) + "." + text(bytes(256)),
                       text({"alg": "RS256", "kid": "rsa"}) + "." + text(CLAIMS) + "." + text(b"\x01" * 16)],
    "wrongSignatureOfUnnamedKey": [sign("RS256", headers={}, key=other_rsa_key)],
    "claimsMalformed": [sign_payload(p) for p in (b"", b"[]", b"5", b"{", b'"exp"', b"\xff", b'{"exp":1}x')]
    + [sign(exp="4102444800"), sign(nbf="now"), sign(iat=[ISSUED]), sign(exp=True)],
    "expiryMissing": [sign(exp=None)],
    "expired": [sign(exp=ISSUED + 3600), sign(exp=0), sign(exp=-1), sign(exp=1_799_999_900.5)],
    "notYetValid": [sign(nbf=1_800_000_100), sign(nbf=END - 1)],
    "issuedInTheFuture": [sign(iat=1_800_000_100), sign(iat=4e15)],
    "wrongIssuer": [sign(iss=i) for i in (None, "https://login.example/", "https://LOGIN.example", "https://evil.example",
                                          ["https://login.example"], 5, "")],
    "wrongAudience": [sign(aud=a) for a in (None, "Shop", "shop ", ["a", "b"], [], 5, {"shop": 1}, [["shop"]], "")],
}
taken = {
    "aud is a list": sign(aud=["other", "shop"]),
    "a header without typ": jwt.api_jws.encode(json.dumps(CLAIMS).encode(), keys["ES256"], "ES256", {"kid": "p256", "typ": None}),
    "an access token": sign(headers={"kid": "p256", "typ": "at+jwt"}),
    "a type with its long name": sign(headers={"kid": "p256", "typ": "application/AT+JWT"}),
    "no kid": sign(headers={}),
    "times with fractions": sign(exp=4102444800.5, nbf=1700000000.25),
    "no iat and no nbf": sign(iat=None, nbf=None),
    "a little late": sign(exp=1_799_999_980),
    "a little early": sign(nbf=1_800_000_020, iat=1_800_000_020),
    "keys of others beside it": sign(headers={"kid": "p256", "jku": "https://evil.example/jwks.json"}),
}
data = {
    "claims": CLAIMS, "secret": SECRET, "jwks": jwks,
    "pem": {a: pem(k) for a, k in keys.items()},
    "other_jwks": {"keys": [jwk(other_rsa_key, "RS256", "newer")]},
    "other_pem": pem(other_rsa_key),
    "tokens": {a: sign(a) for a in keys}
    | {a: sign(a, headers={}, key=SECRET) for a in ("HS256", "HS384", "HS512")},
    "other_token": sign("RS256", headers={"kid": "newer"}, key=other_rsa_key),
    "scopes": {"none": sign("RS256", scope=None), "read": sign("RS256", scope="orders:read"),
               "scp list": sign("RS256", scope=None, scp=["orders:read", "orders:write"]),
               "scp text": sign("RS256", scope=None, scp="orders:read"), "number": sign("RS256", scope=5)},
    "taken": taken, "refused": refused,
}
pathlib.Path(__file__).with_name("tokens.json").write_text(json.dumps(data, indent=1) + "\n")
