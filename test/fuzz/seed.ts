// What `npm test` makes up is the same in every run, so that a run can be repeated; SEED in the environment chooses
// another. `npm run fuzz` chooses a new one each time.

export const SEED = Number(process.env['SEED'] ?? 20_261_121)
