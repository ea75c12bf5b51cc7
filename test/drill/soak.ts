// `npm run soak`: a million distinct tokens through one instance of each edge. Exit code 0 only if every verdict was
// right and memory stayed flat, by the rule of flatness.ts.

import { layOut, paint, type Cell } from '../../cli/table.ts'
import { runCommand } from './command.ts'
import { flatnessOf, MOST_BYTES_PER_TOKEN } from './flatness.ts'
import { megabytes } from './process-info.ts'
import { readSoakOptions } from './options.ts'
import { runSoak } from './run-soak.ts'

const MEGABYTE = 1024 * 1024

/** Rise that counts as noise, in bytes: pages that workerd allocates and frees, and compiled code on a heap. */
const ALLOWANCE = { worker: 24 * MEGABYTE, lambda: 2 * MEGABYTE } as const

/** workerd allocates memory for tens of thousands of requests before its first collection. */
const WARM_AFTER_TOKENS = 100_000

const flatWord = (isFlat: boolean, isLongEnough: boolean): Cell => {
  if (!isLongEnough) return { text: 'too short to tell' }
  return isFlat ? { text: 'yes', colour: 'green' } : { text: 'NO', colour: 'red' }
}

await runCommand(async ({ say, progress, directory, onSpawn }) => {
  const { tokens } = readSoakOptions(process.argv.slice(2))
  say(
    `Soak: ${tokens.toLocaleString('en')} distinct valid tokens and a sixteenth as many hostile ones through one instance of each edge,\n` +
      'both at once: the Worker in workerd over HTTP (resident memory), the Lambda handler in one Node process (heap\n' +
      'after a collection). Reports are discarded and the origin is a stub, so that what is measured is the edge.\n',
  )
  const { worker, lambda, fetches } = await runSoak({
    tokens,
    directory,
    onSpawn,
    onSample: (edge, sample, rate) =>
      progress(
        `${edge}  ${sample.tokens.toLocaleString('en').padStart(10)} tokens  ${megabytes(sample.bytes).padStart(4)} MB  ${rate} tokens a second`,
      ),
  })
  const isWarm = tokens >= WARM_AFTER_TOKENS
  const edges = [
    {
      name: 'Worker',
      memory: 'resident',
      flatness: flatnessOf(worker.samples, ALLOWANCE.worker),
      isLongEnough: isWarm,
      ...worker,
    },
    {
      name: 'Lambda',
      memory: 'heap',
      flatness: flatnessOf(lambda.samples, ALLOWANCE.lambda),
      isLongEnough: true,
      ...lambda,
    },
  ]
  const inMegabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)
  say('')
  say(
    layOut(
      [
        'edge',
        'tokens',
        'wrong',
        'memory',
        'MB at 10%',
        'at 50%',
        'at end',
        'bytes a token',
        'rise in MB',
        'bound',
        'flat',
        'tokens a second',
      ],
      edges.map(({ name, memory, samples, wrong, seconds, flatness, isLongEnough }) => [
        name,
        samples.at(-1)!.tokens.toLocaleString('en'),
        { text: String(wrong), colour: wrong === 0 ? 'green' : 'red' },
        memory,
        ...[0.1, 0.5, 1].map((part) => inMegabytes(samples[Math.ceil(samples.length * part) - 1]!.bytes)),
        flatness.bytesPerToken.toFixed(2),
        inMegabytes(flatness.rise),
        `<= ${inMegabytes(flatness.bound)}`,
        flatWord(flatness.isFlat, isLongEnough),
        String(Math.round(samples.at(-1)!.tokens / seconds)),
      ]),
    ),
  )
  const wrong = worker.wrong + lambda.wrong
  const growing = edges.filter(({ flatness, isLongEnough }) => isLongEnough && !flatness.isFlat)
  const passed = wrong === 0 && growing.length === 0
  say(
    `\nFlat: over the second half, the floor of the memory rises by at most ${MOST_BYTES_PER_TOKEN} bytes a token, or by what may be noise\n` +
      '(a straight line through the lowest sample of each tenth). The key set was fetched ' +
      `${fetches} times by both together.\n` +
      `Resident memory is compared from ${WARM_AFTER_TOKENS.toLocaleString('en')} tokens on.\n`,
  )
  const flat = isWarm ? 'memory is flat on both edges' : 'memory is flat as far as so short a run can tell'
  const grows = growing.map(({ name }) => `, memory of the ${name} grows`).join('')
  const verdict = passed
    ? `As it should be: no wrong verdict, ${flat}.`
    : `NOT as it should be: ${wrong} wrong verdicts${grows}.`
  say(paint(passed ? 'green' : 'red', verdict))
  return passed
})
