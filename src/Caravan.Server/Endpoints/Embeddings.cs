using Caravan.Inference;
using Caravan.Models;
using Caravan.Text;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/embeddings</c></summary>
internal static class Embeddings
{
    /// <summary>The vectors of texts, of length 1.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "embeddings").ConfigureAwait(false);
        bool isBase64 = call.Body.Word("encoding_format", "float", "base64") == "base64";
        int? dimensions = call.Body.Whole("dimensions", 1);
        Pooling pooling = ReadPooling(call);
        IReadOnlyList<TextInput> inputs = TextInputs.Read(call.Body, "input", text => new EncodedPrompt(call.Model.Tokenizer.Encode(text)), call.Model.Model.Spec.VocabularySize);
        float[][] vectors = await EmbedAsync(call, [.. inputs.Select(input => input.Prompt.Tokens)], pooling).ConfigureAwait(false);
        if (dimensions > vectors[0].Length)
            throw ApiException.Invalid($"Invalid value for 'dimensions': the vectors of this model have {vectors[0].Length} dimensions, not {dimensions}.", "dimensions");
        EmbeddingItem[] items = [.. vectors.Select((vector, index) => new EmbeddingItem("embedding", index, new EmbeddingVector(UnitLength.Of(vector, dimensions ?? vector.Length), isBase64)))];
        Usage usage = Usage.OfReading(inputs.Sum(input => input.Prompt.Tokens.Length));
        call.Operation.Answered(usage);
        await context.WriteJsonAsync(new EmbeddingList("list", items, call.Model.Id, usage), ServerJson.Default.EmbeddingList).ConfigureAwait(false);
    }

    /// <summary>The vectors of texts, as they come out of the model.</summary>
    public static Task<float[][]> EmbedAsync(ApiCall call, int[][] texts, Pooling pooling)
    {
        if (call.Adapter is { } adapter) throw ApiException.Unsupported($"The adapter '{adapter}' gives no vectors; ask its model '{call.Model.Id}'.", "model");
        foreach (int[] text in texts) call.RequirePrompt(text.Length);
        return call.Model.Embedder.EmbedAsync(texts, pooling, call.Aborted);
    }

    /// <summary>Which row stands for a text: what the request says, or what the model's files say, or the mean.</summary>
    public static Pooling ReadPooling(ApiCall call) => call.Body.Word("pooling", "mean", "cls", "last") switch
    {
        "mean" => Pooling.Mean,
        "cls" => Pooling.First,
        "last" => Pooling.Last,
        _ => call.Model.Pooling,
    };
}
