using System.CommandLine;
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
        parsed.GetValue(template) is { } name ? ChatFormat.Named(model.Tokenizer, name) : ChatFormat.Of(model.Tokenizer, ModelNames.ForGuesses(model));
}
