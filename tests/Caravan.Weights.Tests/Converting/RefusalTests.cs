using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>What is refused, in which words, and that nothing is left behind.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<string> model;

    public RefusalTests() => model = new Lazy<string>(() => TinyModel.Write(folder, "source", 64));

    private string Source => model.Value;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_of_types()
    {
        Assert.Equal(DType.Q4_K, WeightTypes.Parse("Q4_K"));
        Assert.Equal(DType.BF16, WeightTypes.Parse("bf16"));
        Assert.Equal(WeightTypes.Gguf, WeightTypes.Gguf.Select(type => WeightTypes.Parse(WeightTypes.NameOf(type))));
        string sentence = Assert.Throws<CaravanException>(() => WeightTypes.Parse("q4_k_m")).Message;
        Assert.Contains("'q4_k_m' is no type of weights", sentence, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'q4_k'", sentence, StringComparison.Ordinal);
        Assert.Throws<CaravanException>(() => WeightTypes.Parse("f64"));
        Assert.Throws<CaravanException>(() => WeightTypes.Parse(""));
    }

    [Theory]
    [InlineData("x.safetensors", null, null, "ends in '.safetensors' like a file")]
    [InlineData("x.gguf", null, ConvertFormat.Safetensors, "ends in '.gguf' like a file")]
    [InlineData("x", DType.Q4_K, null, "safetensors has no type for Q4_K; take one of f32, f16, bf16")]
    [InlineData("x.gguf", DType.I32, null, "a GGUF file is not written with weights of I32")]
    [InlineData("source", null, null, "is the source itself")]
    [InlineData("source", null, ConvertFormat.Gguf, "is the source itself")]
    [InlineData("there.gguf", null, null, "exists already")]
    [InlineData("there", null, null, "exists already")]
    [InlineData("there", null, ConvertFormat.Gguf, "is a folder, and a GGUF model is a file")]
    [InlineData("file", null, null, "is a file, and a Hugging Face model is a folder")]
    [InlineData("no/x.gguf", null, null, "does not exist; create it first")]
    [InlineData("no/x", null, null, "does not exist; create it first")]
    public void Targets(string target, DType? type, ConvertFormat? format, string words)
    {
        folder.Write("there.gguf", [1]);
        folder.Write("file", [1]);
        Directory.CreateDirectory(folder.File("there"));
        File.WriteAllText(Path.Combine(folder.File("there"), "thesis.txt"), "years of work");
        string sentence = Refusal(Source, target, new ConvertOptions { Type = type, Format = format });
        Assert.Contains(words, sentence, StringComparison.Ordinal);
        Assert.Contains(folder.File(target), sentence, StringComparison.Ordinal);
    }

    [FixtureTheory]
    [InlineData("opt")]
    [InlineData("codegen")]
    public void Families_that_gguf_does_not_know(string fixture)
    {
        string source = Fixtures.PathOf("models", fixture), target = folder.File("x.gguf");
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(source, target)).Message;
        Assert.Equal($"'{source}' is of the family {fixture}, for which GGUF has no architecture; keep it in its format.", sentence);
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void Only_models_are_overwritten()
    {
        string target = folder.File("there");
        Directory.CreateDirectory(target);
        Converter.Convert(Source, target);
        Assert.Contains("exists already", Refusal(Source, "there"), StringComparison.Ordinal);
        Converter.Convert(Source, target, new ConvertOptions { Overwrite = true, Type = DType.F16 });
        Assert.Contains("\"torch_dtype\": \"float16\"", File.ReadAllText(Path.Combine(target, "config.json")), StringComparison.Ordinal);
        Assert.Equal([target, Source], Directory.EnumerateDirectories(folder.Path).OrderDescending(StringComparer.Ordinal));

        string inside = Path.Combine(target, "x.gguf");
        Converter.Convert(Source, inside);
        Assert.Contains("holds the source", Refusal(inside, "there", new ConvertOptions { Overwrite = true }), StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(target, "photos"));
        Assert.Contains("other things", Refusal(Source, "there", new ConvertOptions { Overwrite = true }), StringComparison.Ordinal);

        string gguf = folder.Write("x.gguf", [1]);
        Converter.Convert(Source, gguf, new ConvertOptions { Overwrite = true });
        ModelRun.Logits(gguf);
    }

    [Theory]
    [InlineData(float.NaN, null, "holds NaN at row 37, column 5")]
    [InlineData(float.NegativeInfinity, DType.F16, "holds -Infinity at row 37, column 5")]
    [InlineData(float.PositiveInfinity, DType.Q8_0, "holds Infinity at row 37, column 5")]
    [InlineData(70000f, DType.F16, "cannot become F16: the value 70000 at row 37, column 5 is too large")]
    public void Weights_that_are_no_numbers(float value, DType? type, string words)
    {
        const string name = "model.layers.1.self_attn.k_proj.weight";
        // Of rows 5 and 37, row 5 is written later where heads are interleaved; a second bad value must not make the sentence a matter of chance.
        string source = TinyModel.Write(folder, "bad", 256, spoil: (tensor, values) =>
        {
            if (tensor == name) values[(37 * 256) + 5] = values[(101 * 256) + 7] = value;
        });
        ConvertOptions options = new() { Type = type, Threads = 4 };
        foreach (string target in type == DType.Q8_0 ? (string[])["x.gguf"] : ["x.gguf", "x"])
        {
            string sentence = Refusal(source, target, options);
            Assert.Contains($"tensor '{name}'", sentence, StringComparison.Ordinal);
            Assert.Contains(words, sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Blocks_do_not_become_safetensors_by_themselves()
    {
        string gguf = folder.File("x.gguf");
        Converter.Convert(Source, gguf, new ConvertOptions { Type = DType.Q8_0 });
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(gguf, folder.File("y"))).Message;
        Assert.Contains("'token_embd.weight' is Q8_0, for which safetensors has no type; say which type it should become: f32, f16, bf16", sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("y")));
    }

    [Fact]
    public void What_gguf_has_no_words_for()
    {
        string source = TinyModel.Write(folder, "relu", 64, config => config["hidden_act"] = "relu");
        Assert.Contains("llama has no words for the activation Relu", Refusal(source, "x.gguf"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_that_llamas_configuration_ignores_stays_ignored()
    {
        string source = TinyModel.Write(folder, "window", 64, config => config["sliding_window"] = 4);
        ConvertReport report = Converter.Convert(source, folder.File("x.gguf"));
        Assert.Contains(new ConvertOmission("configuration key 'sliding_window'", "the family llama does not use it"), report.LeftOut);
        Assert.Equal(ModelRun.Logits(Source), ModelRun.Logits(Converter.Convert(folder.File("x.gguf"), folder.File("y")).Target));
    }

    [Theory]
    [InlineData("x.gguf")]
    [InlineData("x")]
    public void A_disk_that_fills_up(string target)
    {
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(Source, folder.File(target), new ConvertOptions(), new WriteOptions
        {
            OpenStream = (path, bytes) => new FullDisk(path, 100_000),
        })).Message;
        Assert.Contains("the disk is full", sentence, StringComparison.Ordinal);
        Assert.Equal([Source], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("x.gguf")]
    [InlineData("x")]
    public void Cancelling(string target)
    {
        string large = TinyModel.Write(folder, "large", 512);
        using CancellationTokenSource source = new();
        List<ConvertProgress> reports = [];
        Progress progress = new(report =>
        {
            reports.Add(report);
            if (report.BytesDone > 1_000_000) source.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Converter.Convert(large, folder.File(target), progress: progress, cancellation: source.Token));
        Assert.Equal([large], Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.All(reports, report => Assert.InRange(report.BytesDone, 1, report.BytesTotal));
    }

    [Theory]
    [InlineData("x.gguf")]
    [InlineData("x")]
    public void Progress_ends_at_the_total(string target)
    {
        List<ConvertProgress> reports = [];
        ConvertReport report = Converter.Convert(Source, folder.File(target), progress: new Progress(reports.Add));
        Assert.Equal(reports[^1].BytesTotal, reports[^1].BytesDone);
        Assert.InRange(report.Bytes, reports[^1].BytesTotal, reports[^1].BytesTotal + 2000);
    }

    /// <summary>The sentence of a refusal that leaves everything as it was.</summary>
    private string Refusal(string source, string target, ConvertOptions? options = null)
    {
        string[] before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories);
        string sentence = Assert.Throws<CaravanException>(() => Converter.Convert(source, folder.File(target), options)).Message;
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories));
        return sentence;
    }

    private sealed class Progress(Action<ConvertProgress> report) : IProgress<ConvertProgress>
    {
        public void Report(ConvertProgress value) => report(value);
    }

    /// <summary>A file on a disk with little room.</summary>
    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.Create, FileAccess.Write)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Position + buffer.Length > room) throw new IOException("No space left on device", 28);
            base.Write(buffer);
        }
    }
}
