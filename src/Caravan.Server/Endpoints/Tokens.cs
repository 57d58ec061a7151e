using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>POST /v1/tokenize</c>, <c>POST /v1/detokenize</c></summary>
internal static class Tokens
{
    /// <summary>The tokens of a text.</summary>
    public static async Task TokenizeAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "tokenize").ConfigureAwait(false);
        string text = call.Body.Text("text") ?? call.Body.Text("content") ?? throw call.Body.Missing("text");
        int[] tokens = call.Model.Tokenizer.Encode(text, call.Body.Switch("add_special") ?? true, call.Body.Switch("parse_special") ?? false);
        await context.WriteJsonAsync(new TokenizeAnswer(tokens, [.. tokens.Select(call.Model.Tokenizer.Shown)], tokens.Length), ServerJson.Default.TokenizeAnswer).ConfigureAwait(false);
    }

    /// <summary>The text of tokens.</summary>
    public static async Task DetokenizeAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "detokenize").ConfigureAwait(false);
        if (!call.Body.Has("tokens")) throw call.Body.Missing("tokens");
        int[] tokens = ReadTokens(call.Body.Items("tokens"), call.Model.Tokenizer.VocabularySize);
        await context.WriteJsonAsync(new DetokenizeAnswer(call.Model.Tokenizer.Decode(tokens, skipSpecial: false)), ServerJson.Default.DetokenizeAnswer).ConfigureAwait(false);
    }

    /// <summary>The token numbers of an array.</summary>
    /// <exception cref="ApiException">An item is no token of the model.</exception>
    public static int[] ReadTokens(IEnumerable<(JsonElement Value, string Path)> items, int vocabulary) => [.. items.Select(item => ReadToken(item.Value, item.Path, vocabulary))];

    private static int ReadToken(JsonElement value, string path, int vocabulary)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int token)) throw Fields.WrongType(value, path, "an integer");
        return (uint)token < (uint)vocabulary ? token : throw ApiException.Invalid($"Invalid value for '{path}': {token} is no token of this model, which knows 0 to {vocabulary - 1}.", path);
    }
}
