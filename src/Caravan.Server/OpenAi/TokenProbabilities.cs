using System.Text;
using System.Text.Unicode;
using Caravan.Inference;
using Caravan.Text;

namespace Caravan.Server;

/// <summary>Writes tokens and their probabilities as OpenAI does.</summary>
internal static class TokenProbabilities
{
    /// <summary>What stands for the logarithm of nothing, which JSON cannot say.</summary>
    private const float Least = -9999;

    /// <summary>A token of a conversation, with alternatives.</summary>
    public static TokenProbability Of(Tokenizer tokenizer, GeneratedToken token, IReadOnlyList<TokenLogProbability> alternatives) => new(
        tokenizer.Shown(token.Id), Finite(token.LogProbability), BytesOf(tokenizer, token.Id),
        [.. alternatives.Select(other => new AlternativeToken(tokenizer.Shown(other.Id), Finite(other.LogProbability), BytesOf(tokenizer, other.Id)))]);

    /// <summary>The alternatives in the older form; where bytes form no character, they are spelled out, so that keys differ.</summary>
    public static Dictionary<string, float> Alternatives(Tokenizer tokenizer, IReadOnlyList<TokenLogProbability> alternatives)
    {
        Dictionary<string, float> found = [];
        foreach (TokenLogProbability other in alternatives) found.TryAdd(tokenizer.Spelled(other.Id), Finite(other.LogProbability));
        return found;
    }

    /// <summary>The text of a token; for control tokens their spelling. Part of a character becomes U+FFFD.</summary>
    public static string Shown(this Tokenizer tokenizer, int id) => Encoding.UTF8.GetString(Bytes(tokenizer, id));

    /// <summary>The text of a token; bytes that form no character are spelled out.</summary>
    public static string Spelled(this Tokenizer tokenizer, int id)
    {
        ReadOnlySpan<byte> bytes = Bytes(tokenizer, id);
        if (Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        StringBuilder spelled = new("bytes:");
        foreach (byte value in bytes) spelled.Append($"\\x{value:x2}");
        return spelled.ToString();
    }

    /// <summary>A logarithm that JSON can say.</summary>
    public static float Finite(float logProbability) => float.IsFinite(logProbability) ? logProbability : Least;

    private static int[] BytesOf(Tokenizer tokenizer, int id) => [.. Bytes(tokenizer, id).ToArray().Select(value => (int)value)];

    private static ReadOnlySpan<byte> Bytes(Tokenizer tokenizer, int id) => tokenizer.IsSpecial(id) ? Encoding.UTF8.GetBytes(tokenizer.TokenText(id)) : tokenizer.TokenBytes(id);
}
