// The same as samples/Embed with a server: dotnet run --project samples/EmbedOverHttp -- http://127.0.0.1:8080/v1 MODEL "a cat" "a kitten" "a bridge"
using Caravan.Inference;
using Microsoft.Extensions.AI;

using IEmbeddingGenerator<string, Embedding<float>> generator = new HttpEmbeddingGenerator(new Uri(args[0]), args[1]);
GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(args[2..]);
for (int i = 1; i < vectors.Count; i++)
    Console.WriteLine($"{args[i + 2]}: {vectors[0].Vector.ToArray().Zip(vectors[i].Vector.ToArray(), (a, b) => a * b).Sum():F3}");
