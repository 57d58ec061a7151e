using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>The vectors of texts.</summary>
internal sealed record EmbeddingList(string Object, IReadOnlyList<EmbeddingItem> Data, string Model, Usage Usage);

/// <summary>The vector of a text.</summary>
internal sealed record EmbeddingItem(string Object, int Index, EmbeddingVector Embedding);

/// <summary>A vector as numbers, or as base64 of 32-bit floats, the lowest byte first.</summary>
[JsonConverter(typeof(EmbeddingVectorConverter))]
internal sealed record EmbeddingVector(float[] Features, bool IsBase64);

/// <summary>Writes either form.</summary>
internal sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.IsBase64)
        {
            writer.WriteBase64StringValue(MemoryMarshal.AsBytes<float>(value.Features));
            return;
        }

        writer.WriteStartArray();
        foreach (float feature in value.Features) writer.WriteNumberValue(feature);
        writer.WriteEndArray();
    }
}

/// <summary>Documents by how well they fit a query, best first.</summary>
internal sealed record RerankAnswer(string Id, string Model, IReadOnlyList<RerankResult> Results, Usage Usage);

/// <summary>A document's place in the request, how well it fits, and its text where that was asked for.</summary>
internal sealed record RerankResult(int Index, float RelevanceScore, RerankDocument? Document = null);

/// <summary>A document's text.</summary>
internal sealed record RerankDocument(string Text);

/// <summary>The tokens of a text.</summary>
internal sealed record TokenizeAnswer(IReadOnlyList<int> Tokens, IReadOnlyList<string> Pieces, int Count);

/// <summary>The text of tokens.</summary>
internal sealed record DetokenizeAnswer(string Text);
