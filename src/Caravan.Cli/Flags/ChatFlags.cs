using System.CommandLine;
using System.Text.Json;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>How a conversation is written for the model.</summary>
internal sealed class ChatFlags
{
    private readonly Option<string?> system = Flag.Text("--system", "TEXT", "The instruction above the conversation.");
    private readonly Option<string?> template = Flag.Text(
        "--template", "NAME", "A chat template instead of the model's own: the name of a built-in one (chatml, llama-3, vicuna …) or a file in the Jinja language.");

    /// <summary>Both.</summary>
    public IEnumerable<Symbol> Symbols => [system, template];

    /// <summary>The instruction, or null.</summary>
    public string? System(ParseResult parsed) => parsed.GetValue(system);

    /// <summary>Whether any of them was given.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(system) is not null || parsed.GetValue(template) is not null;

    /// <summary>The format that the command line, or else the model, names.</summary>
    /// <exception cref="CaravanException">The template is not there or is none.</exception>
    public ChatFormat Format(ParseResult parsed, Model model) =>
        parsed.GetValue(template) is { } name ? ChatFormat.Named(model.Tokenizer, name) : ChatFormat.Of(model.Tokenizer, NameOf(model));

    /// <summary>What the model's files call it, for guesses.</summary>
    private static string NameOf(Model model)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Path));
        // In the cache of Hugging Face's hub the last folders are a digest; the model's name is above.
        string folder = path.Split('/', '\\').FirstOrDefault(part => part.StartsWith("models--", StringComparison.Ordinal)) ?? Path.GetFileName(path);
        string given = model.Checkpoint.Metadata?.String("general.name")
            ?? (model.Checkpoint.Config is { } config && config.TryGetProperty("_name_or_path", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "");
        return given.Length > 0 ? $"{given} {folder}" : folder;
    }
}
