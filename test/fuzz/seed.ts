// The inputs of `npm test` are the same in every run, so that a run can be repeated; SEED in the environment chooses
// others. `npm run fuzz` chooses a new seed each time.

export const SEED = Number(process.env['SEED'] ?? 20_261_121)
