// The API behind API Gateway. Replace it with yours.

export const handler = async () => ({ statusCode: 200, body: JSON.stringify({ orders: [] }) })
