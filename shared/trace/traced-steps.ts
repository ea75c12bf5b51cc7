// Every check of steps.ts, recorded when it runs: one row for each. A step that the table lacks does not compile, so a
// check that is added is in the trace or is left out on purpose.

import type { Steps } from '../steps.ts'
import { refuses, type Recorder, type Refuses, type StageName } from './trace.ts'

/** The same for steps that several slots of the pipeline have. */
type Stage = StageName | ((recorder: Recorder, rule: string) => StageName)

type Wrap<Step> = (step: Step, recorder: Recorder) => Step

type Call = (...about: never[]) => unknown

const toStage = (stage: Stage, recorder: Recorder, rule: string): StageName =>
  typeof stage === 'string' ? stage : stage(recorder, rule)

const traceCall = <Step extends Call>(
  step: Step,
  recorder: Recorder,
  stage: Stage,
  rule: string,
  isRefusal: Refuses = refuses,
): Step =>
  ((...about) => recorder.run(toStage(stage, recorder, rule), rule, () => step(...about), isRefusal)) as Step

/** A check that is one function. */
const check =
  <Step extends Call>(stage: Stage, rule: string, isRefusal?: Refuses): Wrap<Step> =>
  (step, recorder) =>
    traceCall(step, recorder, stage, rule, isRefusal)

/** A function that makes a check, or an object with several; of these `methods`, by the name of each rule. */
const maker =
  <Step extends Call>(stage: Stage, methods: string | Readonly<Record<string, string>>): Wrap<Step> =>
  (step, recorder) =>
    ((...about) => {
      const made = step(...about)
      if (typeof methods === 'string') return traceCall(made as Call, recorder, stage, methods)
      const traced = Object.entries(methods).map(([method, rule]) => [
        method,
        traceCall((made as Readonly<Record<string, Call>>)[method]!, recorder, stage, rule),
      ])
      return { ...(made as object), ...Object.fromEntries(traced) }
    }) as Step

type AnyRule = { readonly name: string } & ({ readonly check: Call } | { readonly isKept: Call })

/** A list of rules, each by its name. */
const rules =
  <Step extends readonly object[]>(stage: Stage): Wrap<Step> =>
  (step, recorder) =>
    (step as unknown as readonly AnyRule[]).map((rule) => {
      const method = 'check' in rule ? 'check' : 'isKept'
      const call = (rule as unknown as Readonly<Record<string, Call>>)[method]!
      return { ...rule, [method]: traceCall(call, recorder, stage, rule.name) }
    }) as unknown as Step

/** What is no check, or is recorded with the check that uses it. */
const unrecorded = <Step>(step: Step): Step => step

const issuerStage = ({ slot }: Recorder): StageName => (slot() === 'checkPolicy' ? 'policy' : 'token')

/** An issuer may sign its answers, too. */
const signedStage = ({ isWithin }: Recorder): StageName =>
  isWithin('introspection') ? 'introspection' : 'signature'

/** Rules of an introspected token that tell its kind. */
const KINDS = ['evidence of another kind', 'kinds', 'required members']

const ofAnswer = (_: Recorder, rule: string): StageName => (KINDS.includes(rule) ? 'kind' : 'claims')

const isTrue: Refuses = (answer) => answer === true

const TRACED: { readonly [Name in keyof Steps]: Wrap<Steps[Name]> } = {
  readCredential: check('credential', 'Authorization'),
  checkHost: check('route', 'host'),
  checkSpellings: check('route', 'spellings'),
  createRouteTable: maker('route', { match: 'path and method' }),
  findResource: check('route', 'resource'),

  createIssuerSelection: maker('token', 'who introspects'),
  parseToken: check('token', 'form'),
  headerRules: rules('token'),
  selectIssuer: check('token', 'iss'),
  checkRouteIssuer: check(issuerStage, 'issuer of the route'),
  createVerifiedTokenCache: unrecorded,
  isProvenBy: unrecorded,

  checkAlgorithm: check(signedStage, 'algorithm'),
  createKeyStore: maker(signedStage, { find: 'key', findNewer: 'newer key' }),
  createSharedSecret: maker(signedStage, { verify: 'shared secret' }),
  verifySignature: check(signedStage, 'signature'),

  createTokenLookup: maker('introspection', { find: 'answer of the issuer' }),
  introspectionRules: rules(ofAnswer),
  checkHints: check('kind', 'the token itself'),

  kindRules: rules('kind'),
  formRules: rules('claims'),
  claimRules: rules('claims'),

  senderConstraint: (step, recorder) => ({
    ...step,
    check: traceCall(step.check, recorder, 'sender', 'cnf'),
  }),
  readConfirmation: unrecorded,
  checkAccepted: check('sender', 'what the route accepts'),
  findMisuse: check('sender', 'scheme'),
  findProof: check('sender', 'proof'),
  parseProof: check('sender', 'proof'),
  proofHeaderRules: rules('sender'),
  isSameThumbprint: check('sender', 'cnf.jkt'),
  proofClaimRules: rules('sender'),
  createReplayCheck: maker('sender', 'used before'),
  isAcceptedBucket: unrecorded,
  isMadeWith: unrecorded,
  readFacts: check('sender', 'certificate'),
  cloudflareRules: (step, recorder) =>
    Object.fromEntries(
      Object.entries(step).map(([name, rule]) => [name, traceCall(rule, recorder, 'sender', name)]),
    ),
  isSameCertificate: check('sender', 'cnf.x5t#S256'),
  createHeaderCertificate: maker('sender', 'certificate in a header'),

  covers: check('revocation', 'entries', isTrue),
  toRevocable: unrecorded,

  // A reader makes the grant that it caches with the token; its refusal counts only in the slot of its own.
  toGrant(step, recorder) {
    const traced = traceCall(step, recorder, 'grant', 'identity and scopes')
    return (...about) => (recorder.slot() === 'toGrant' ? traced : step)(...about)
  },
  createUserinfoLookup: maker('grant', { identify: 'userinfo' }),

  checkScope: check('policy', 'scope'),
  resourceRules: rules('policy'),
  conditionRules: rules('policy'),
  isReportOnly: unrecorded,
}

/** @internal */
export const traceSteps = (steps: Steps, recorder: Recorder): Steps =>
  Object.fromEntries(
    Object.entries(TRACED).map(([name, wrap]) => [
      name,
      (wrap as Wrap<unknown>)(steps[name as keyof Steps], recorder),
    ]),
  ) as unknown as Steps
