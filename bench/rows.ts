// The rows of the bench by name and title. Data alone: the command line is parsed before anything is installed.

export const ROW_NAMES = [
  { name: 'unseen', title: 'an unseen token, the full decision' },
  { name: 'seen', title: 'a token seen before, in a freshly made string' },
  { name: 'worker-seen', title: 'the Worker in workerd, the same token again' },
  { name: 'worker-unseen', title: 'the Worker in workerd, unseen tokens' },
  { name: 'worker-start', title: 'the Worker, from the start of workerd to the first answer' },
  { name: 'cold-start', title: 'the Lambda, from process start to the first decision' },
  { name: 'large-start', title: 'the Lambda with 10,000 routes and with 1,000 issuers, its start' },
  { name: 'bundle', title: 'the artefacts of a dozen configurations' },
  { name: 'routes', title: '10, 1,000 and 10,000 routes' },
  { name: 'issuers', title: '1, 100 and 1,000 issuers' },
  { name: 'revocation', title: 'the check for revoked tokens, with up to a million entries' },
  { name: 'dpop', title: 'an unseen token that is bound to a DPoP key, with its proof' },
  { name: 'mtls', title: 'a token that is bound to a client certificate, with the certificate' },
  { name: 'memory', title: 'a hundred to a million tokens through one instance' },
] as const

export type RowName = (typeof ROW_NAMES)[number]['name']

export const titleOf = (name: RowName): string => ROW_NAMES.find((row) => row.name === name)!.title
