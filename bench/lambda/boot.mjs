// The part of the Lambda runtime that cannot be left out: loads the bundle, calls the handler once, says what it
// answered and ends. JavaScript, so that no types have to be taken away first.

const { handler } = await import(process.argv[2])
const answer = await handler(JSON.parse(process.env.EVENT), { awsRequestId: 'bench' })
process.stdout.write(`\n${JSON.stringify({ decision: answer.isAuthorized })}\n`)
process.exit(0)
