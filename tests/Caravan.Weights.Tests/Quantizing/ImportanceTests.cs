using System.Text;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Weights.Tests;

/// <summary>Importance matrices: collected, written, read.</summary>
public sealed class ImportanceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static string Stories => Fixtures.PathOf("real", "stories260K-hf");

    public void Dispose() => folder.Dispose();

    [FixtureFact]
    public void It_is_the_mean_square_of_each_matrix_input()
    {
        using Model model = Model.Load(Stories);
        const string text = "Once upon a time, there was a little girl named Lily. She loved to play outside.";
        ImportanceMatrix matrix = ImportanceMatrix.Collect(model, text, "story", new TextOptions { Context = 9, Threads = 1 }, null, default);
        Assert.Equal(9, matrix.ChunkTokens);
        Assert.True(matrix.Chunks > 1);
        Assert.Equal(7 * model.Decoder.Spec.Layers.Length, matrix.Count);

        // The first projections see the normed embeddings, which can be computed by hand.
        int[] tokens = model.Tokenizer.Encode(text);
        int width = model.Decoder.Spec.HiddenSize;
        float[] embedding = TensorBytes.Values(Stories, "model.embed_tokens.weight"), norm = TensorBytes.Values(Stories, "model.layers.0.input_layernorm.weight");
        double[] expected = new double[width];
        for (int chunk = 0; chunk < matrix.Chunks; chunk++)
        {
            for (int i = 0; i < 9; i++)
            {
                int token = i == 0 ? model.Tokenizer.BosId!.Value : tokens[(chunk * 9) + i];
                double square = Enumerable.Range(0, width).Average(j => Math.Pow(embedding[(token * width) + j], 2)) + model.Decoder.Spec.FinalNorm!.Epsilon;
                for (int j = 0; j < width; j++) expected[j] += Math.Pow(embedding[(token * width) + j] * norm[j], 2) / square;
            }
        }

        float[] found = matrix.WeightsOf("blk.0.attn_q.weight", width)!;
        Assert.Equal(found, matrix.WeightsOf("blk.0.attn_v.weight", width));
        // A square has twice the relative rounding of its root, and float sums of nine rows add little.
        for (int j = 0; j < width; j++) Assert.Equal(1, found[j] / (expected[j] / (matrix.Chunks * 9)), 1e-5);
    }

    [Fact]
    public void Gguf_files_come_back()
    {
        ImportanceMatrix matrix = QuantizerTests.Matrix(("blk.1.attn_q.weight", [1, 2, 3.5f]), ("blk.0.ffn_down.weight", [0, 0.25f]));
        string path = folder.File("x.gguf");
        matrix.Save(path);
        Assert.True(ImportanceMatrix.Recognises(path));
        ImportanceMatrix read = ImportanceMatrix.Load(path);
        Assert.Equal(["blk.0.ffn_down.weight", "blk.1.attn_q.weight"], read.Sums.Keys);
        Assert.Equal([1, 2, 3.5f], read.WeightsOf("blk.1.attn_q.weight", 3)!);
        Assert.Equal((1, 8, "test"), (read.Chunks, read.ChunkTokens, read.Datasets[0]));
        using Checkpoint file = CheckpointReader.Open(path);
        Assert.Equal("imatrix", file.Metadata!.String("general.type"));
        Assert.Equal("[1, 3]", file.Tensors["blk.1.attn_q.weight.in_sum2"].ShapeText);
        Assert.Equal("[1, 1]", file.Tensors["blk.1.attn_q.weight.counts"].ShapeText);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_older_format_is_read(bool ending)
    {
        string path = folder.Write("imatrix.dat", Legacy(ending));
        Assert.True(ImportanceMatrix.Recognises(path));
        ImportanceMatrix read = ImportanceMatrix.Load(path);
        Assert.Equal([0.5f, 2], read.WeightsOf("blk.0.attn_q.weight", 2)!);
        Assert.Equal(ending ? 4 : 0, read.Chunks);
        Assert.Equal(ending ? ["wiki.txt"] : [], read.Datasets);
    }

    [Fact]
    public void Damaged_files_are_refused()
    {
        byte[] whole = Legacy(ending: true);
        for (int length = 1; length < whole.Length; length++)
        {
            string path = folder.Write("cut.dat", whole.AsSpan(0, length));
            if (length != Legacy(ending: false).Length && length != Legacy(ending: false).Length + 4) Assert.Throws<CaravanException>(() => ImportanceMatrix.Load(path));
        }

        MutationFuzzer.RunOnFile(whole, MutationFuzzer.Mutations(), seed: 1, "imatrix.dat", path => ImportanceMatrix.Load(path));
    }

    [FixtureFact]
    public void A_model_is_no_matrix()
    {
        string model = folder.File("model.gguf");
        Converter.Convert(Stories, model);
        string sentence = Assert.Throws<CaravanException>(() => ImportanceMatrix.Load(model)).Message;
        Assert.Contains("of the type 'model', and not an importance matrix", sentence, StringComparison.Ordinal);
    }

    private static byte[] Legacy(bool ending)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(1);
        Text("blk.0.attn_q.weight");
        writer.Write(4);
        writer.Write(2);
        writer.Write(2f);
        writer.Write(8f);
        if (ending)
        {
            writer.Write(4);
            Text("wiki.txt");
        }

        return stream.ToArray();

        void Text(string text)
        {
            writer.Write(text.Length);
            writer.Write(Encoding.ASCII.GetBytes(text));
        }
    }
}
