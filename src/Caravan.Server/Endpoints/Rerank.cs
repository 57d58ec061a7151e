using System.Text.Json;
using Caravan.Inference;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/rerank</c>: documents by how near their vectors are to a query's.</summary>
internal static class Rerank
{
    /// <summary>Sorts documents, the nearest first.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "rerank").ConfigureAwait(false);
        string query = call.Body.RequiredText("query");
        if (!call.Body.Has("documents")) throw call.Body.Missing("documents");
        string[] documents = [.. call.Body.Items("documents").Select(item => Text(item.Value, item.Path))];
        if (documents.Length == 0) throw ApiException.Invalid("Invalid value for 'documents': the array is empty.", "documents", "empty_array");
        int most = call.Body.Whole("top_n", 1) ?? documents.Length;
        bool returns = call.Body.Switch("return_documents") ?? false;
        int[][] texts = [.. documents.Prepend(query).Select(text => call.Model.Tokenizer.Encode(text))];
        float[][] vectors = [.. (await Embeddings.EmbedAsync(call, texts, Embeddings.ReadPooling(call)).ConfigureAwait(false)).Select(vector => UnitLength.Of(vector, vector.Length))];
        RerankResult[] results = [.. documents
            .Select((document, index) => new RerankResult(index, UnitLength.Cosine(vectors[0], vectors[index + 1]), returns ? new RerankDocument(document) : null))
            .OrderByDescending(result => result.RelevanceScore)
            .Take(most)];
        Usage usage = Usage.OfReading(texts.Sum(text => text.Length));
        call.Operation.Answered(usage);
        await context.WriteJsonAsync(new RerankAnswer(ApiCall.NewId("rerank"), call.Model.Id, results, usage), ServerJson.Default.RerankAnswer).ConfigureAwait(false);
    }

    private static string Text(JsonElement document, string path) =>
        document.ValueKind == JsonValueKind.Object ? new Fields(document, path).RequiredText("text") : Fields.TextOf(document, path);
}
