using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>Settings are read from files and flags, and every mistake is one sentence.</summary>
public sealed class SettingsReaderTests : IDisposable
{
    private const string Needed = "model: m.gguf\nmethod: sft\ndata: a.jsonl\noutput: run\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileGivesValuesSectionsAndLists()
    {
        SampleSettings read = Read<SampleSettings>("""
            # a comment
            count: 1e3
            rate: 3e-4
            text: "0.5 # not a comment"
            mode: second_one
            on: true
            files: [a.txt, {path: b.txt, weight: 2}]
            words:
              - one
              - two
            part: {size: 7}
            """);
        Assert.Equal((1000, 3e-4, "0.5 # not a comment", SampleMode.SecondOne, true), (read.Count, read.Rate, read.Text, read.Mode, read.On));
        Assert.Equal([("a.txt", 1), ("b.txt", 2)], read.Files.Select(file => (file.Path, file.Weight)));
        Assert.Equal(["one", "two"], read.Words);
        Assert.Equal((7, "plain"), (read.Part!.Size, read.Part.Name));
        Assert.Null(read.Absent);
    }

    [Fact]
    public void WhatIsNotSaidStaysAsTheRecordHasIt()
    {
        SampleSettings read = Read<SampleSettings>("");
        Assert.Equal(new SampleSettings().Count, read.Count);
        Assert.Equal(("changed", 3), (read.Other.Name, read.Other.Size));
        Assert.Null(read.Part);
        // A section keeps what its owner says of it where only a part of it is set.
        Assert.Equal(("changed", 9), Read<SampleSettings>("other: {size: 9}").Other is var other ? (other.Name, other.Size) : default);
    }

    [Theory]
    [InlineData("part: {}", "plain", 3)]
    [InlineData("part: short", "short", 3)]
    [InlineData("part:\n  size: 4", "plain", 4)]
    public void ASectionIsThereWhenItIsNamed(string text, string name, int size)
    {
        SamplePart part = Read<SampleSettings>(text).Part!;
        Assert.Equal((name, size), (part.Name, part.Size));
    }

    [Fact]
    public void FlagsWinOverTheFile()
    {
        SettingsReader<SampleSettings> reader = new();
        reader.ReadFile(folder.Write("a.yaml", "count: 2\npart: {size: 4}\nfiles: x.txt\nwords: [a]\nrate: 2"u8));
        Flag(reader, "--count", "5");
        Flag(reader, "--part.name", "given");
        Flag(reader, "--files", "y.txt", "{path: z.txt, weight: 3}");
        Flag(reader, "--words", "[b, c]");
        Flag(reader, "--rate", "null");
        SampleSettings read = reader.Build();
        Assert.Equal((5, "given", 4, 1.0), (read.Count, read.Part!.Name, read.Part.Size, read.Rate));
        Assert.Equal([("y.txt", 1), ("z.txt", 3)], read.Files.Select(file => (file.Path, file.Weight)));
        Assert.Equal(["b", "c"], read.Words);
        Flag(reader, "--part", "null");
        Assert.Null(reader.Build().Part);
    }

    [Theory]
    [InlineData("count: many", "'{file}' line 1: count takes a whole number of 1 or more, not 'many'.")]
    [InlineData("\ncount: 0", "'{file}' line 2: count takes a whole number of 1 or more, not '0'.")]
    [InlineData("count: 1.5", "'{file}' line 1: count takes a whole number of 1 or more, not '1.5'.")]
    [InlineData("count: 3e9", "'{file}' line 1: count takes a whole number of 1 or more, not '3e9'.")]
    [InlineData("rate: .inf", "'{file}' line 1: rate takes a number from 0 to 2, not '.inf'.")]
    [InlineData("rate: [1]", "'{file}' line 1: rate takes a number from 0 to 2, not a list.")]
    [InlineData("on: yes", "'{file}' line 1: on takes true or false, not 'yes'.")]
    [InlineData("mode: secondone", "'{file}' line 1: mode takes first, second_one, not 'secondone'. Did you mean 'second_one'?")]
    [InlineData("cuont: 1", "'{file}' line 1: 'cuont' is no key of settings. Did you mean 'count'?")]
    [InlineData("size: 1", "'{file}' line 1: 'size' is no key of settings. Did you mean 'part.size' or 'other.size'?")]
    [InlineData("part:\n  sice: 1", "'{file}' line 2: 'sice' is no key of 'part'. Did you mean 'size'?")]
    [InlineData("part:\n  zzzzzz: 1", "'{file}' line 2: 'zzzzzz' is no key of 'part'. Known are name, size.")]
    [InlineData("part: [1]", "'{file}' line 1: part takes a section with some of name, size, not a list.")]
    [InlineData("files:\n  - weight: 2", "'{file}' line 2: files.path was not given (where it is); write 'path: PATH'.")]
    [InlineData("files:\n  - a\n  - {path: b, weight: heavy}", "'{file}' line 3: files.weight takes a number, not 'heavy'.")]
    [InlineData("[1, 2]", "'{file}' line 1: settings are lines such as 'steps: 100', not a list.")]
    [InlineData("count: 1\n---\ncount: 2", "'{file}' holds 2 documents; settings are one, so take the lines '---' away.")]
    [InlineData("? [a]\n: 1", "'{file}' line 1: a key must be a word, not a list.")]
    public void AMistakeIsOneSentence(string text, string sentence)
    {
        string file = folder.Write("a.yaml", System.Text.Encoding.UTF8.GetBytes(text));
        CaravanException exception = Assert.Throws<CaravanException>(() => Read<SampleSettings>(text));
        Assert.Equal(sentence.Replace("{file}", file, StringComparison.Ordinal), exception.Message);
    }

    [Theory]
    [InlineData("count: 1\ncount: 2")]
    [InlineData("count: [1")]
    [InlineData("count: *nowhere")]
    [InlineData("count: 'one")]
    public void WhatIsNoYamlNamesTheLine(string text)
    {
        CaravanException exception = Assert.Throws<CaravanException>(() => Read<SampleSettings>(text));
        Assert.Matches(@"^'.*a\.yaml' line [12]: this is no YAML \(.*\)\.$", exception.Message);
    }

    [Fact]
    public void FilesThatAreNotThereAreNamed() =>
        Assert.Equal("'nowhere.yaml' does not exist; check the path.", Assert.Throws<CaravanException>(() => new SettingsReader<SampleSettings>().ReadFile("nowhere.yaml")).Message);

    [Fact]
    public void AFlagIsCalledByItsName()
    {
        SettingsReader<SampleSettings> reader = new();
        Assert.Equal("--part.size takes a whole number, not 'big'.", Assert.Throws<CaravanException>(() => Flag(reader, "--part.size", "big")).Message);
    }

    [Fact]
    public void WhatIsRequiredSaysHowToGiveIt() => Assert.Equal(
        "method was not given (what is learnt from the data: one of docs/methods.md, such as pretrain, sft, dpo or ppo); write 'method: TEXT' into the settings, or give --method.",
        Assert.Throws<CaravanException>(() => Read<TrainingSettings>("model: a")).Message);

    [Fact]
    public void WrittenSettingsReadTheSameAgain()
    {
        TrainingSettings settings = Read<TrainingSettings>(Needed + "evaluation_data: [{path: 'b: c.csv', weight: 0.5}]\noutput_type: \"true\"\nsteps: 10\nstorage: bf16\n");
        string written = SettingsWriter.Write(settings);
        TrainingSettings again = Read<TrainingSettings>(written);
        Assert.Equal(written, SettingsWriter.Write(again));
        Assert.Equal("b: c.csv", again.EvaluationData[0].Path);
        Assert.Equal(("true", WeightStorage.BF16), (again.OutputType, again.Storage));
    }

    [Fact]
    public void PathsOfWhatIsThereAreWrittenInFull()
    {
        string file = folder.Write("data.jsonl", "{}"u8);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, file);
        string written = SettingsWriter.Write(new TrainingSettings { Data = [new DataSettings { Path = relative }] });
        Assert.Contains($"- path: {file}\n", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("steps: 1\nepochs: 2", "steps 1 and epochs 2 were both given; leave one out.")]
    [InlineData("patience: 1", "patience counts looks at held-out data, and evaluate_every is 0; give both or none.")]
    [InlineData("evaluate_every: 1", "evaluate_every needs held-out data; name files in evaluation_data, or give evaluation_fraction.")]
    [InlineData("base_type: nf4", "base_type nf4 is for a base that stays as it is; add an adapter, or leave base_type out.")]
    [InlineData("evaluation_fraction: 0.1\nevaluation_data: b", "evaluation_data and evaluation_fraction were both given; leave one out.")]
    public void SettingsMayContradictEachOther(string text, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<CaravanException>(() => Read<TrainingSettings>(Needed + text).Check()).Message);

    [Fact]
    public void EverySettingHasAFlagAndASentence()
    {
        Setting[] all = [.. new SettingSchema(typeof(TrainingSettings)).All];
        Assert.Equal(all.Length, all.Select(setting => setting.FlagName).Distinct().Count());
        foreach (Setting setting in all)
        {
            Assert.EndsWith(".", setting.Attribute.Description, StringComparison.Ordinal);
            Assert.Matches("^--[a-z0-9.-]+$", setting.FlagName);
        }
    }

    private static void Flag(SettingsReader<SampleSettings> reader, string name, params string[] texts) =>
        reader.ReadFlag(reader.Schema.All.Single(setting => setting.FlagName == name), texts);

    private T Read<T>(string text)
        where T : notnull
    {
        SettingsReader<T> reader = new();
        reader.ReadFile(folder.Write("a.yaml", System.Text.Encoding.UTF8.GetBytes(text)));
        return reader.Build();
    }
}
