using System.Text.Json;
using Caravan.Inference;

namespace Caravan.Cli;

/// <summary>How fast a generation went, for people and for programs.</summary>
internal static class Speed
{
    /// <summary>The line below a generated text.</summary>
    public static void PrintSpeed(this Terminal terminal, Generation generation)
    {
        string rate = generation.TokensPerSecond is { } speed ? $" at {speed:0.0} tokens/s" : "";
        string first = generation.TimeToFirstToken is { } time ? $", the first after {Quantity.Time(time)}" : "";
        string prompt = generation.PromptTokensPerSecond is { } prefill ? $" at {prefill:0} tokens/s" : "";
        string reused = generation.ReusedTokens > 0 ? $", {generation.ReusedTokens} of them reused" : "";
        terminal.Error.WriteLine(
            $"[{Quantity.Of(generation.Tokens.Count, "token")}{rate}{first}; prompt: {Quantity.Of(generation.PromptTokens, "token")}{prompt}{reused}]");
    }

    /// <summary>The fields <c>usage</c> and <c>timings</c>.</summary>
    public static void WriteSpeed(this Utf8JsonWriter document, Generation generation)
    {
        document.WriteStartObject("usage");
        document.WriteNumber("prompt_tokens", generation.PromptTokens);
        document.WriteNumber("reused_tokens", generation.ReusedTokens);
        document.WriteNumber("completion_tokens", generation.Tokens.Count);
        document.WriteEndObject();
        document.WriteStartObject("timings");
        document.WriteOptional("time_to_first_token_seconds", generation.TimeToFirstToken?.TotalSeconds);
        document.WriteOptional("prompt_tokens_per_second", generation.PromptTokensPerSecond);
        document.WriteOptional("tokens_per_second", generation.TokensPerSecond);
        document.WriteEndObject();
    }

    /// <summary>Why it ended, by the word that programs read.</summary>
    public static string NameOf(FinishReason? reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Cancelled => "cancelled",
        _ => "failed",
    };
}
