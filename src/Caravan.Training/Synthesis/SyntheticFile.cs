using System.Text.Encodings.Web;
using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>Writes samples, one JSON object a line.</summary>
internal static class SyntheticFile
{
    private const int ReportEvery = 256;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes the first samples of a synthesizer: conversations, or texts under <c>text</c>.</summary>
    /// <returns>How many there are of each skill, by its name; of texts by <c>text</c>.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    public static SortedDictionary<string, long> Write(
        Synthesizer synthesizer, long count, bool asText, Stream stream, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        using Utf8JsonWriter writer = new(stream, Options);
        for (long number = 0; number < count; number++)
        {
            string kind = "text";
            if (asText) WriteText(writer, synthesizer.Text(number));
            else
            {
                Conversation conversation = synthesizer.Conversation(number);
                conversation.Write(writer);
                kind = conversation.Skill;
            }

            writer.Flush();
            writer.Reset();
            stream.WriteByte((byte)'\n');
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (number % ReportEvery != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(number);
        }

        return counts;
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }
}
