using System.CommandLine;
using Caravan.Formats;
using Spectre.Console;

namespace Caravan.Cli;

/// <summary>Asks for a model of random weights.</summary>
internal sealed class SyntheticFlags
{
    private readonly Option<string?> synthetic = Flag.Text("--synthetic", SyntheticShapes.Names, "Measure random weights of this shape instead of a model.");
    private readonly Option<string?> type = Flag.Text(
        "--type", "TYPE", $"With --synthetic: the type of its weights (default q4_0): {string.Join(", ", SyntheticTypes.All.Select(each => each.Name))}.");
    private readonly Option<string?> save = Flag.Text("--save", "FILE", "With --synthetic: keep the model in this GGUF file instead of the system's temporary folder.");

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Symbol> Symbols => [synthetic, type, save];

    /// <summary>The path of the synthetic model that is asked for, which is made when it is not there yet; or null.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The other model that is asked for, or null.</param>
    /// <param name="terminal">Where progress is shown.</param>
    /// <param name="cancellation">Stops the making; nothing is left behind.</param>
    /// <exception cref="UsageException">Two models are asked for, or there is no such shape or type.</exception>
    /// <exception cref="CaravanException">The file cannot be written, or is something else already.</exception>
    public string? Make(ParseResult parsed, string? model, Terminal terminal, CancellationToken cancellation)
    {
        if (parsed.GetValue(synthetic) is not { } shape)
        {
            foreach (Option<string?> option in new[] { type, save })
                if (parsed.GetValue(option) is not null) throw new UsageException($"{option.Name} is for models of random weights; name a shape with --synthetic.");
            return null;
        }

        if (model is not null) throw new UsageException($"--synthetic makes a model of its own; leave out '{model}' or --synthetic.");
        SyntheticModel made = new(SyntheticShapes.Parse(shape), SyntheticTypes.Parse(parsed.GetValue(type) ?? "q4_0"));
        string path = parsed.GetValue(save) ?? made.UsualPath;
        if (made.IsAt(path)) return path;
        if (parsed.GetValue(save) is not null && File.Exists(path))
            throw new CaravanException($"'{path}' is there already, and it is not this synthetic model; give another --save or delete it.");
        if (parsed.GetValue(save) is null) CreateFolder(path);
        if (!terminal.ErrorIsTerminal) made.Write(path, new WriteOptions { Cancellation = cancellation });
        else WithProgress(terminal, path, report => made.Write(path, new WriteOptions { Cancellation = cancellation, Progress = report }));
        return path;
    }

    private static void CreateFolder(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"The folder '{folder}' for synthetic models cannot be made: {exception.Message} Say where the model may go with --save.", exception);
        }
    }

    private static void WithProgress(Terminal terminal, string path, Action<Action<long, long>> write) =>
        Consoles.Over(terminal.Error, terminal).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask($"Making {Markup.Escape(Path.GetFileName(path))}", autoStart: true, maxValue: 1);
                write((done, total) => (task.MaxValue, task.Value) = (Math.Max(1, total), done));
            });
}
