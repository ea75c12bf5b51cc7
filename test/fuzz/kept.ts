// Inputs that once broke a property; every test run tries them again. `npm run fuzz` prints a row for this file when it
// finds one.

export interface KeptInput {
  readonly property: string
  /** What went wrong at the time. */
  readonly broke: string
  readonly input: unknown
}

export const KEPT: readonly KeptInput[] = [
  {
    property: 'introspection answer',
    broke: 'The property itself: it reckoned with an iat that is no number.',
    input: {
      json: [{ at: 0, action: 'add', name: 'iat', value: { toString: 1 } }],
      text: [],
      status: 200,
      type: 'application/json',
    },
  },
  {
    property: 'configuration',
    broke: 'An object that cannot be made a text: a TypeError in place of the list of problems.',
    input: { changes: [{ at: 132, action: 'replace', name: '', value: { toString: 1 } }] },
  },
  {
    property: 'configuration',
    broke: 'A member with the name __proto__ in a key: a TypeError in place of the list of problems.',
    input: {
      changes: [
        { at: 79, action: 'repeat', name: 'client_id', value: JSON.parse('{ "__proto__": { "a": 1 } }') },
      ],
    },
  },
]
