// C2SP/wycheproof, JSON Web Crypto: signatures, keys and encryption. Its payloads are not claims sets, so `result` is
// the ruling for the signature stage, and every edge has to refuse every token. This project has no JWE.

import { signatureDeparture, tokenText, type Jwk } from './jose-text.ts'
import { readData, ruled, type Part, type Ruling, type Suite, type VectorCase } from './suite.ts'
import type { StageRequest } from './signature-stage.ts'
import type { VectorWorld } from './world.ts'

interface Test {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly jws?: unknown
  readonly jwe?: unknown
}

type Keys = Jwk & { readonly keys?: readonly Jwk[] }

interface File {
  readonly testGroups: readonly {
    readonly public?: Keys
    readonly private?: Keys
    readonly tests: readonly Test[]
  }[]
}

interface Vector extends Test {
  readonly id: string
  readonly text: string
  readonly keys: readonly Jwk[]
}

const RULINGS: Readonly<Record<Test['result'], Ruling>> = {
  valid: 'accept',
  invalid: 'refuse',
  acceptable: 'either',
}

function vectorsOf(directory: string, name: string): Vector[] {
  return readData<File>(directory, `json_web_${name}_test.json`).testGroups.flatMap((group) => {
    const given = group.public ?? group.private!
    const keys = given.keys ?? [given]
    return group.tests.map((test) => ({
      ...test,
      id: `tc ${test.tcId} ${test.comment}`,
      text: tokenText(test.jws ?? test.jwe),
      keys,
    }))
  })
}

const stageCase = (
  world: VectorWorld,
  { id, text, keys, result }: Vector,
  until: StageRequest['until'],
): VectorCase => ({
  id,
  ...ruled(RULINGS[result], signatureDeparture(text, keys)),
  run: () => world.atStage({ jws: text, keys, until }),
})

const bearerCase = (world: VectorWorld, { id, text }: Vector): VectorCase => ({
  id,
  expect: 'refuse',
  run: () => world.asBearer(text),
})

export const WYCHEPROOF: Suite = {
  folder: 'wycheproof',
  parts(directory, world) {
    const [jws, jwk, crypto, jwe] = ['signature', 'key', 'crypto', 'encryption'].map((name) =>
      vectorsOf(directory, name),
    ) as [Vector[], Vector[], Vector[], Vector[]]
    const isSigned = (vector: Vector) => vector.jws !== undefined
    const stage = (name: string, vectors: readonly Vector[], until: StageRequest['until']): Part => ({
      name,
      cases: vectors.map((vector) => stageCase(world, vector, until)),
    })
    const bearer = (name: string, vectors: readonly Vector[]): Part => ({
      name,
      cases: vectors.map((vector) => bearerCase(world, vector)),
    })
    return [
      stage('JWS, signature stage', jws, 'signature'),
      stage('JWK, choice of the key', jwk, 'key'),
      stage('JWK, signature stage', jwk, 'signature'),
      stage('JWS of crypto, signature stage', crypto.filter(isSigned), 'signature'),
      bearer('JWS, as bearer', jws),
      bearer('JWK, as bearer', jwk),
      bearer('crypto, as bearer', crypto),
      bearer('JWE, as bearer', jwe),
    ]
  },
}
