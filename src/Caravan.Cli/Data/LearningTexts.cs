using System.Text.Json;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>The texts of files that a vocabulary is learnt from, as a model will see them.</summary>
/// <param name="paths">The files.</param>
/// <param name="template">Writes conversations.</param>
internal sealed class LearningTexts(IReadOnlyList<string> paths, ChatTemplate template)
{
    /// <summary>How many were read.</summary>
    public long Count { get; private set; }

    /// <summary>How long they are together in UTF-8.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads them one after another.</summary>
    /// <exception cref="CaravanException">A file cannot be read, or a line of a JSONL file is no sample.</exception>
    public IEnumerable<string> Read()
    {
        foreach (string path in paths)
        {
            bool isJson = path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
            long line = 0;
            foreach (string read in Lines(path))
            {
                line++;
                if (read.Length == 0) continue;
                // Other files keep their line ends, which are text too.
                string text = isJson ? TextOf(read, path, line) : read + "\n";
                Count++;
                Bytes += Terminal.Utf8.GetByteCount(text);
                yield return text;
            }
        }
    }

    private string TextOf(string line, string path, long number)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement sample = document.RootElement;
            if (sample.TryGetProperty("text", out JsonElement text) && text.GetString() is { } plain) return plain;
            if (sample.TryGetProperty("messages", out JsonElement messages))
                return template.Render(new ChatInput { Messages = messages, Tools = sample.TryGetProperty("tools", out JsonElement tools) ? tools : null, AddGenerationPrompt = false });
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new CaravanException($"'{path}', line {number}, is no JSON object with 'text' or 'messages': {problem.Message}", problem);
        }

        throw new CaravanException($"'{path}', line {number}, has neither 'text' nor 'messages'.");
    }

    private static IEnumerable<string> Lines(string path)
    {
        try
        {
            return File.ReadLines(path, Terminal.Utf8);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"The text file '{path}' cannot be read: {problem.Message}", problem);
        }
    }
}
