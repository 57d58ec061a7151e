using Caravan.Models;
using Microsoft.Extensions.AI;

namespace Caravan.Inference;

/// <summary>Embeddings of a model in this process, for everything that is written against Microsoft.Extensions.AI.</summary>
internal sealed class ModelEmbeddingGenerator(Model model, EngineOptions options) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TextEmbedder embedder = TextEmbedder.Of(model, options);
    private readonly Pooling pooling = ModelPooling.Find(model) ?? Pooling.Mean;
    private readonly string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Path));

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        int[][] texts = [.. values.Select(value => model.Tokenizer.Encode(value))];
        float[][] vectors = await embedder.EmbedAsync(texts, pooling, cancellationToken).ConfigureAwait(false);
        int dimensions = options?.Dimensions ?? (vectors.Length > 0 ? vectors[0].Length : 0);
        if (vectors.Length > 0 && (dimensions < 1 || dimensions > vectors[0].Length))
            throw new CaravanException($"{dimensions} dimensions were asked for, but the vectors of this model have {vectors[0].Length}.");
        long tokens = texts.Sum(text => text.Length);
        return new([.. vectors.Select(vector => new Embedding<float>(UnitLength.Of(vector, dimensions)) { ModelId = name, CreatedAt = DateTimeOffset.UtcNow })])
        {
            Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("caravan", null, name, model.Spec.HiddenSize)
        : serviceType == typeof(Model) ? model
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() => embedder.Dispose();
}
