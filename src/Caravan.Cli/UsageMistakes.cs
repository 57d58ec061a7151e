using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caravan.Cli;

/// <summary>Finds what is wrong with a command line and says it in one sentence, with the name that was probably meant.</summary>
internal static class UsageMistakes
{
    /// <summary>The first mistake, or null.</summary>
    /// <param name="parsed">The command line as it was understood.</param>
    /// <param name="arguments">The command line as it was typed.</param>
    public static string? Find(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        Command command = parsed.CommandResult.Command;
        if (SwallowedOption(command, arguments) is { } swallowed) return swallowed;
        string help = $"'{NameOf(command)} --help' says what can be given.";
        if (command is not RootCommand && command.Subcommands.Count > 0)
        {
            return parsed.UnmatchedTokens.FirstOrDefault(word => !word.StartsWith('-')) is { } word
                ? Unexpected(command, word, help)
                : $"A verb is missing behind '{NameOf(command)}'; known are {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.";
        }

        if (UnknownOption(parsed) is { } unknown)
            return $"'{unknown}' is no option of '{NameOf(command)}'; {help}{Suggestion.DidYouMean(unknown, OptionNames(command))}";
        if (parsed.UnmatchedTokens is [string first, ..]) return Unexpected(command, first, help);
        return parsed.Errors.Count == 0 ? null : $"{parsed.Errors[0].Message} {help}";
    }

    private static string Unexpected(Command command, string word, string help)
    {
        string[] names = [.. command.Subcommands.Select(verb => verb.Name)];
        if (names.Length == 0) return $"'{word}' was not expected there; quote texts with blanks, and {help}";
        return $"'{word}' is no verb of {NameOf(command)}; known are {string.Join(", ", names)}.{Suggestion.DidYouMean(word, names)}";
    }

    /// <summary>
    /// A word that looks like an option but is none: left over, or taken for a positional argument, which would otherwise hide the mistake.
    /// </summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        IEnumerable<string> positional = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens).Select(token => token.Value);
        string? found = positional.Concat(parsed.CommandResult.Command is RootCommand ? parsed.UnmatchedTokens.Take(1) : parsed.UnmatchedTokens)
            .FirstOrDefault(word => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]));
        return found?.Split('=')[0];
    }

    /// <summary>The parser takes whatever stands behind an option as its value, and so would hide that the value was forgotten.</summary>
    private static string? SwallowedOption(Command command, IReadOnlyList<string> arguments)
    {
        string[] names = [.. OptionNames(command)];
        for (int i = 0; i + 1 < arguments.Count; i++)
        {
            (string option, string value) = (arguments[i], arguments[i + 1]);
            if (!names.Contains(value) || command.Options.FirstOrDefault(each => each.Name == option) is not { Arity.MinimumNumberOfValues: > 0 }) continue;
            return $"{option} has no value: '{value}' behind it is an option; write {option}={value} if that is meant.";
        }

        return null;
    }

    private static IEnumerable<string> OptionNames(Command command) =>
        command.Options.SelectMany(option => (IEnumerable<string>)[option.Name, .. option.Aliases]).Append("--help");

    /// <summary>As it is typed: <c>caravan eval perplexity</c>.</summary>
    public static string NameOf(Command command) =>
        command is RootCommand ? "caravan" : $"{NameOf(command.Parents.OfType<Command>().Single())} {command.Name}";
}
