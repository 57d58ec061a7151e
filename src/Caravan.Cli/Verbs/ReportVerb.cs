using System.CommandLine;
using Caravan.Training;

namespace Caravan.Cli;

/// <summary>Draws the curves of training runs.</summary>
internal sealed class ReportVerb : Verb
{
    private readonly Argument<string[]> folders = new("RUN") { Description = $"Folders of runs, one to {TrainingReport.MostRuns}.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> output = Flag.Text("--output", "FILE", "The page to write (default: report.html, in the folder of a single run); a name that ends in .svg gets the loss curves alone, as a picture.");

    public override string Name => "report";

    public override string Summary => "Draw the curves of a training run, or of several side by side, as one HTML page.";

    public override string Example => "caravan report runs/sft\ncaravan report runs/full runs/lora runs/qlora --output comparison.html\ncaravan report runs/sft --output loss.svg";

    protected override IEnumerable<Symbol> Symbols => [folders, output];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        string[] runs = parsed.GetRequiredValue(folders);
        string path = parsed.GetValue(output) ?? (runs.Length == 1 ? Path.Combine(runs[0], RunRecorder.ReportFile) : RunRecorder.ReportFile);
        TrainingReport.Write(path, runs);
        if (parsed.GetValue(Json))
        {
            terminal.WriteJson(document =>
            {
                document.WriteStrings("runs", runs);
                document.WriteString("report", path);
            });
        }
        else
        {
            terminal.Output.WriteLine($"Wrote '{path}'; open it in a browser.");
        }

        return ExitCode.Success;
    }
}
