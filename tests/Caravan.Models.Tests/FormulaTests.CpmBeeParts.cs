using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Models.Tests;

/// <summary>CPM-Bee's prompts: parts of an object, whose tokens see all that is given, and two answers with tokens that the prompt numbers.</summary>
public sealed partial class FormulaTests
{
    private const string BeePrompt = """{"input": "a<mask_0>bx<mask_1>", "q": {"<option_0>": "ab", "<option_1>": "x yy"}, "<ans>": {"<mask_0>": "", "<mask_1>": ""}}""";
    private const int BeeHeads = 3, BeeSize = 6, BeeBuckets = 8, BeeRelations = 32, BeeDistance = 3;

    private static readonly string[] BeePieces =
        ["<pad>", "<unk>", "<mask>", "<sep>", "</n>", "</_>", "<s>", "</s>", "<root>", "<ans>", "<option>", "in", "put", "q", "a", "b", "ab", "c", "d", "e"];

    /// <summary>For each segment the one above it in the object, and its tokens with their numbers, in the order in which the model sees them; answers last.</summary>
    private static readonly (int Above, (int Token, int Number)[] Tokens)[] BeeSegments =
    [
        (-1, [(6, 0), (8, 0), (7, 0)]),
        (0, [(6, 0), (11, 0), (12, 0), (7, 0)]),
        (1, [(6, 0), (14, 0), (2, 0), (15, 0), (1, 0), (2, 1), (7, 0)]),
        (0, [(6, 0), (13, 0), (7, 0)]),
        (3, [(6, 0), (10, 0), (7, 0)]),
        (4, [(6, 0), (16, 0), (7, 0)]),
        (3, [(6, 0), (10, 1), (7, 0)]),
        (6, [(6, 0), (1, 0), (5, 0), (1, 1), (7, 0)]),
        (0, [(6, 0), (9, 0), (7, 0)]),
        (8, [(6, 0), (2, 0), (7, 0)]),
        (8, [(6, 0), (2, 1), (7, 0)]),
        (9, [(6, 0), (17, 0), (18, 0), (2, 1)]),
        (10, [(6, 0), (19, 0), (1, 1), (14, 0)]),
    ];

    /// <summary>What tokens beyond the vocabulary stand for: ⟨mask_1⟩, ⟨option_1⟩, "yy" and the mark of the second answer.</summary>
    private static readonly (int Token, int Number)[] BeeOwn = [(2, 1), (10, 1), (1, 1), (9, 1)];

    private static int BeeGiven => BeeSegments[..^2].Sum(segment => segment.Tokens.Length);

    [Fact]
    public void CpmBeeParts()
    {
        double[][] expected = BeeLogits(SavedBee());
        using Model model = Model.Load(folder.Path);
        using Device device = new(2);
        using Pass pass = new(device);
        using KeyValuePages pages = new(model.Decoder.Spec, 8, DType.F32);
        (SequenceParts parts, int[] ids) = BeeSequence(model);
        Batch batch = new();
        batch.AddSequence(ids, 0, parts);
        Compare(0, model.Decoder.Forward(pass, batch)!, 0, ids.Length);

        // Whole, then in chunks behind what is given, from a cache, between another object and a text.
        StructuredPrompt other = model.Tokenizer.EncodePrompt("""{"put": "e<mask_0><mask_1><mask_2>", "<ans>": ""}""", addSpecial: true, parseSpecial: false).Structured!;
        foreach (int chunk in (int[])[ids.Length, 3, 1])
        {
            for (int start = 0; start < ids.Length;)
            {
                int count = Math.Min(chunk, ids.Length - start);
                if (start == 0) count = Math.Max(count, parts.Prefix.Length);
                batch.Clear();
                SequenceParts beside = new(other, Vocabulary);
                batch.AddCached(beside.Tokens, 0, [6, 7], LogitRows.Last, beside.Tokens.Length, beside.Prefix, madeOf: beside);
                batch.AddCached(ids.AsSpan(start, count), start, [5, 1, 4], LogitRows.All, ids.Length, parts.Prefix, madeOf: parts);
                batch.AddCached([3, 17], 0, [2], LogitRows.All, 2);
                Compare(start, model.Decoder.Forward(pass, batch, pages)!, 1, count);
                pass.Reset();
                start += count;
            }
        }

        void Compare(int start, Tensor found, int skipped, int count)
        {
            double tolerance = 2e-5 * (expected.Max(row => row.Max()) - expected.Min(row => row.Min()));
            Assert.Equal(Vocabulary + BeeOwn.Length, found.Shape.Columns);
            for (int row = 0; row < count; row++)
            {
                float[] logits = found.Floats.Slice((skipped + row) * found.Shape.Columns, found.Shape.Columns).AsSpan().ToArray();
                for (int i = 0; i < logits.Length; i++) Assert.InRange(logits[i] - expected[start + row][i], -tolerance, tolerance);
            }
        }
    }

    /// <summary>A text in the same batch as an object computes what it computes alone.</summary>
    [Fact]
    public void CpmBeePartsLeaveOthersAlone()
    {
        SavedBee();
        using Model model = Model.Load(folder.Path);
        using Device device = new(1);
        using Pass pass = new(device);
        (SequenceParts parts, int[] ids) = BeeSequence(model);
        Batch batch = new();
        batch.AddSequence(Tokens);
        float[] alone = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
        batch.Clear();
        batch.AddSequence(Tokens);
        batch.AddSequence(ids, ids.Length, parts);
        Tensor both = model.Decoder.Forward(pass, batch)!;
        for (int row = 0; row < Tokens.Length; row++)
            Assert.Equal(alone[(row * Vocabulary)..((row + 1) * Vocabulary)], both.Floats.Slice(row * both.Shape.Columns, Vocabulary).AsSpan().ToArray());
    }

    /// <summary>The checkpoint of the test of texts, with a vocabulary and more relations.</summary>
    private FormulaTests SavedBee()
    {
        const string at = "cpmbee.encoder.layers.";
        AddUnit("cpmbee.input_embedding.weight", Vocabulary, Hidden);
        Add("cpmbee.position_bias.relative_attention_bias", BeeBuckets + BeeRelations, BeeHeads);
        for (int n = 0; n < Layers; n++)
        {
            foreach (string norm in (string[])["self_att.layernorm_before_attention", "ffn.layernorm_before_ffn"]) Add($"{at}{n}.{norm}.weight", Hidden);
            foreach (string part in (string[])["q", "k", "v"]) AddUnit($"{at}{n}.self_att.self_attention.project_{part}.weight", BeeHeads * BeeSize, Hidden);
            AddUnit($"{at}{n}.self_att.self_attention.attention_out.weight", Hidden, BeeHeads * BeeSize);
            foreach (string part in (string[])["w_0", "w_1"]) AddUnit($"{at}{n}.ffn.ffn.w_in.{part}.weight", Width, Hidden);
            AddUnit($"{at}{n}.ffn.ffn.w_out.weight", Hidden, Width);
        }

        Add("cpmbee.encoder.output_layernorm.weight", Hidden);
        Save("cpmbee", json =>
        {
            foreach (string other in (string[])["num_key_value_heads", "intermediate_size", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings"]) json.Remove(other);
            (json["num_attention_heads"], json["dim_head"], json["dim_ff"], json["eps"], json["distance_scale"]) = (BeeHeads, BeeSize, Width, 1e-4, BeeDistance);
            (json["position_bias_num_buckets"], json["position_bias_num_segment_buckets"], json["position_bias_max_distance"]) = (BeeBuckets, BeeRelations, 6);
        });
        File.WriteAllLines(folder.File("vocab.txt"), BeePieces);
        return this;
    }

    private static (SequenceParts Parts, int[] Ids) BeeSequence(Model model)
    {
        StructuredPrompt prompt = model.Tokenizer.EncodePrompt(BeePrompt, addSpecial: true, parseSpecial: false).Structured!;
        SequenceParts parts = new(prompt, Vocabulary);
        (int Token, int Number)[] tokens = [.. BeeSegments.SelectMany(segment => segment.Tokens)];
        int[] ids = [.. tokens.Select(token => token.Number == 0 ? token.Token : Vocabulary + Array.IndexOf(BeeOwn, token))];
        Assert.Equal(ids[..(BeeGiven + 1)], parts.Tokens);
        Assert.Equal(BeeGiven, parts.Prefix.Length);
        Assert.Equal(6, parts.BeginAnswer(BeeGiven + 4));
        Assert.Null(parts.BeginAnswer(BeeGiven + 8));
        Assert.Equal(28, parts.LargestRelation());
        Assert.Equal(["<mask_1>", "<option_1>", "yy", "<ans_2>", "x", null], ((int[])[20, 21, 22, 23, 1, 17]).Select(parts.TextOf));
        Assert.Equal([23], parts.Forbidden);
        return (parts, ids);
    }

    /// <summary>The logits of all tokens, those of the numbered ones last.</summary>
    private static double[][] BeeLogits(FormulaTests test)
    {
        const string embedding = "cpmbee.input_embedding.weight", biases = "cpmbee.position_bias.relative_attention_bias";
        int[] bucketOf = [0, 1, 2, 2, 3, 3, 3, 3];
        int[] segments = [.. BeeSegments.SelectMany((segment, i) => Enumerable.Repeat(i, segment.Tokens.Length))];
        double[][] x = [.. BeeSegments.SelectMany(segment => segment.Tokens).Select(token => Scaled(NumberedRow(token), 1 / Math.Sqrt(Hidden)))];
        for (int n = 0; n < Layers; n++)
        {
            string half = $"cpmbee.encoder.layers.{n}.self_att.", attention = half + "self_attention.";
            double[][] normed = test.Norms(x, half + "layernorm_before_attention.weight", 1e-4);
            double[][] queries = Unit(attention + "project_q.weight", normed), keys = Unit(attention + "project_k.weight", normed), values = Unit(attention + "project_v.weight", normed);
            x = Damped(x, Unit(attention + "attention_out.weight", [.. queries.Select((query, i) => Enumerable.Range(0, BeeHeads).SelectMany(head => Mixed(query, i, head)).ToArray())]));
            half = $"cpmbee.encoder.layers.{n}.ffn.";
            double[][] rows = test.Norms(x, half + "layernorm_before_ffn.weight", 1e-4);
            x = Damped(x, Unit(half + "ffn.w_out.weight", [.. Unit(half + "ffn.w_in.w_0.weight", rows).Zip(Unit(half + "ffn.w_in.w_1.weight", rows), (gates, ups) => gates.Zip(ups, (gate, up) => Gelu(gate) * up).ToArray())]));

            IEnumerable<double> Mixed(double[] query, int i, int head)
            {
                int[] seen = [.. Enumerable.Range(0, x.Length).Where(j => j < BeeGiven || j <= i)];
                double[] shares = Softmax([.. seen.Select(j => (Enumerable.Range(head * BeeSize, BeeSize).Sum(k => query[k] * keys[j][k]) / Math.Sqrt(BeeSize)) + test.Row(biases, RowOf(i, j))[head])]);
                return Enumerable.Range(head * BeeSize, BeeSize).Select(k => shares.Select((share, j) => share * values[seen[j]][k]).Sum());
            }
        }

        x = test.Norms(x, "cpmbee.encoder.output_layernorm.weight", 1e-4);
        return [.. x.Select(row => Enumerable.Range(0, Vocabulary).Select(token => (Token: token, Number: 0)).Concat(BeeOwn).Select(token => NumberedRow(token).Zip(row, (a, b) => a * b).Sum() / Math.Sqrt(Hidden)).ToArray())];

        double[] NumberedRow((int Token, int Number) token)
        {
            double[] row = test.Row(embedding, token.Token);
            return [.. Enumerable.Range(0, Hidden).Select(i =>
            {
                double angle = token.Number * BeeDistance * Math.Pow(10_000, -2.0 * (i % (Hidden / 2)) / Hidden);
                return (row[i] * Math.Cos(angle)) + ((i < Hidden / 2 ? -row[i + (Hidden / 2)] : row[i - (Hidden / 2)]) * Math.Sin(angle));
            })];
        }

        int RowOf(int i, int j)
        {
            if (segments[i] == segments[j]) return j <= i ? bucketOf[i - j] : (BeeBuckets / 2) + bucketOf[j - i];
            List<int> above = Chain(segments[i]), other = Chain(segments[j]);
            int up = above.FindIndex(other.Contains), down = other.FindIndex(above.Contains);
            return BeeBuckets + (8 * up) + down;
        }

        static List<int> Chain(int segment)
        {
            List<int> chain = [];
            for (; segment >= 0; segment = BeeSegments[segment].Above) chain.Add(segment);
            return chain;
        }

        double[][] Unit(string matrix, double[][] rows) => [.. test.Times(matrix, rows).Select(row => Scaled(row, 1 / Math.Sqrt(rows[0].Length)))];

        static double[][] Damped(double[][] x, double[][] branch) => [.. Sum(x, branch).Select(row => Scaled(row, 1 / 1.05))];
    }
}
