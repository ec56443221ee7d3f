import { createHash, type KeyObject } from 'node:crypto'

/** What others need to check this cluster's service-account tokens (kubernetes.io, "Service account issuer discovery"; OpenID Connect Discovery). */
export interface IssuerDocuments {
  /** `/.well-known/openid-configuration` */
  readonly configuration: object
  /** `/openid/v1/jwks` */
  readonly keys: object
}

/** Names a key by what it is: the same key has the same name in tokens and in the published set. */
export function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
}

/** @param key an elliptic curve's public key (P-256). */
export function issuerDocuments(issuer: string, key: KeyObject): IssuerDocuments {
  return {
    configuration: {
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
    keys: { keys: [{ use: 'sig', kid: keyId(key), alg: 'ES256', ...key.export({ format: 'jwk' }) }] },
  }
}
