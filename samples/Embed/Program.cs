// How near texts are to the first of them: dotnet run --project samples/Embed -- MODEL "a cat" "a kitten" "a bridge"
using Caravan.Inference;
using Caravan.Models;
using Microsoft.Extensions.AI;

using Model model = Model.Load(args[0]);
using IEmbeddingGenerator<string, Embedding<float>> generator = model.AsEmbeddingGenerator();
GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(args[1..]);
for (int i = 1; i < vectors.Count; i++)
    Console.WriteLine($"{args[i + 1]}: {vectors[0].Vector.ToArray().Zip(vectors[i].Vector.ToArray(), (a, b) => a * b).Sum():F3}");
