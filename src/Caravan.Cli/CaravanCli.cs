using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;

namespace Caravan.Cli;

/// <summary>The <c>caravan</c> command: reads the command line, runs a verb, and turns what goes wrong into one sentence and an exit code.</summary>
internal sealed class CaravanCli(Terminal terminal)
{
    private readonly Dictionary<Command, Verb> verbs = [];

    /// <summary>Such as <c>caravan 0.1.0</c>.</summary>
    public static string Version =>
        $"caravan {typeof(CaravanCli).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>Runs one command line; returns the process's exit code and throws nothing.</summary>
    public int Run(IReadOnlyList<string> arguments)
    {
        // Known even when the rest of the line is not understood.
        (bool json, bool verbose) = (arguments.Contains("--json"), arguments.Contains("--verbose"));
        try
        {
            // Before anything is built: people and scripts ask for it to see whether the program is there.
            if (arguments is ["--version"]) return PrintVersion();
            RootCommand root = Build();
            ParseResult parsed = root.Parse(
                arguments.Count == 0 ? ["--help"] : arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            if (parsed.Action is not (HelpWithExample or PrintVersionAction) && UsageMistakes.Find(parsed, arguments) is { } mistake)
                return Fail(mistake, ExitCode.Usage, json);
            int exitCode = parsed.Invoke(new TerminalConfiguration(terminal)
            {
                Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            });
            terminal.Output.Flush();
            return exitCode;
        }
        catch (Exception exception)
        {
            return Explain(exception, json, verbose);
        }
    }

    /// <summary>The root command with all verbs.</summary>
    private RootCommand Build()
    {
        RootCommand root = new("Runs, measures and converts open language models, in pure C#.");
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersionAction(PrintVersion);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!, verbs);
        foreach (Verb verb in VerbCatalog.Create())
        {
            Command command = verb.Build(terminal);
            verbs.Add(command, verb);
            if (verb.Group is null) root.Add(command);
            else GroupOf(root, verb.Group).Add(command);
        }

        return root;
    }

    private static Command GroupOf(RootCommand root, string name)
    {
        if (root.Subcommands.FirstOrDefault(command => command.Name == name) is { } known) return known;
        Command group = new(name, VerbGroups.SummaryOf(name));
        root.Add(group);
        return group;
    }

    private int PrintVersion()
    {
        terminal.Output.WriteLine(Version);
        terminal.Output.Flush();
        return ExitCode.Success;
    }

    private int Explain(Exception exception, bool json, bool verbose)
    {
        switch (exception)
        {
            case UsageException:
                return Fail(exception.Message, ExitCode.Usage, json);
            case OperationCanceledException:
                return terminal.Interrupts.ExitCode;
            case IOException when IsBrokenPipe(exception):
                return ExitCode.BrokenPipe;
        }

        if (verbose) Report(exception.ToString());
        return Fail(SentenceOf(exception, verbose), ExitCode.Failure, json);
    }

    private static string SentenceOf(Exception exception, bool verbose) => exception switch
    {
        CaravanException => exception.Message,
        OutOfMemoryException => "There is not enough memory for this; use a smaller model, a smaller type such as q4_0, or a shorter --context.",
        IOException or UnauthorizedAccessException => $"The system refused to read or write: {exception.Message}",
        _ => $"This is a bug of Caravan ({exception.GetType().Name}: {exception.Message}); "
            + (verbose ? "please report it with the trace above." : "run it again with --verbose for the trace, and please report it."),
    };

    private int Fail(string sentence, int exitCode, bool json)
    {
        try
        {
            Report($"caravan: {sentence}");
            if (json)
            {
                terminal.WriteJson(document =>
                {
                    document.WriteStartObject("error");
                    document.WriteString("message", sentence);
                    document.WriteEndObject();
                });
            }

            terminal.Output.Flush();
        }
        catch (IOException)
        {
            // Nobody listens any more; the exit code says it.
        }

        return exitCode;
    }

    private void Report(string text) => terminal.Error.WriteLine(text);

    /// <summary>EPIPE on Unix, ERROR_BROKEN_PIPE and ERROR_NO_DATA on Windows.</summary>
    private static bool IsBrokenPipe(Exception exception) => exception.HResult is 32 or unchecked((int)0x8007006D) or unchecked((int)0x800700E8);
}
