using System.CommandLine;

namespace Caravan.Cli;

/// <summary>One verb of the command line. A new one is a file in this folder and a line in <see cref="VerbCatalog"/>.</summary>
internal abstract class Verb
{
    /// <summary>What is typed.</summary>
    public abstract string Name { get; }

    /// <summary>The word before <see cref="Name"/>, one of <see cref="VerbGroups"/>; or null.</summary>
    public virtual string? Group => null;

    /// <summary>What is typed, with the word before it.</summary>
    public string FullName => Group is null ? Name : $"{Group} {Name}";

    /// <summary>What it does, in a sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>One or more command lines to copy, shown by <c>--help</c>.</summary>
    public abstract string Example { get; }

    /// <summary>What else is worth knowing before the first use, shown by <c>--help</c>; or null.</summary>
    public virtual string? Notes => null;

    /// <summary>Whether the result is printed as JSON; its form is in docs/cli.md.</summary>
    public Option<bool> Json { get; } = Flag.Switch("--json", "Print one JSON document on stdout (docs/cli.md says what is in it); everything else goes to stderr.");

    /// <summary>Whether more is said on stderr.</summary>
    public Option<bool> Verbose { get; } = Flag.Switch("--verbose", "Say more on stderr: speed where nobody watches, traces of failures.");

    /// <summary>Its positional arguments and options, in the order of the help.</summary>
    protected abstract IEnumerable<Symbol> Symbols { get; }

    /// <summary>Further options, for verbs that have many: hidden from the list of the help and shown below it.</summary>
    public virtual IEnumerable<HelpSection> Sections => [];

    /// <summary>Whether the help shows a section, given what else was typed.</summary>
    public virtual bool Shows(HelpSection section, ParseResult parsed) => true;

    /// <summary>The command to parse for.</summary>
    public Command Build(Terminal terminal)
    {
        Command command = new(Name, Summary);
        foreach (Symbol symbol in Symbols.Concat([Json, Verbose]).Concat(Sections.SelectMany(section => section.Options)))
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }

        command.SetAction(parsed => Run(parsed, terminal));
        return command;
    }

    /// <summary>Does the work; returns the exit code.</summary>
    /// <exception cref="CaravanException">It cannot be done.</exception>
    /// <exception cref="UsageException">The command line asks for something contradictory.</exception>
    protected abstract int Run(ParseResult parsed, Terminal terminal);
}
