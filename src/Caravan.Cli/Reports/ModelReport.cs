using Caravan.Formats;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Text;

namespace Caravan.Cli;

/// <summary>
/// What can be told about a model: everything when its architecture is known, and otherwise what the file says and why it does not run.
/// </summary>
internal sealed class ModelReport : IDisposable
{
    private readonly Checkpoint checkpoint;

    private ModelReport(Checkpoint checkpoint, string? tokenizerPath)
    {
        this.checkpoint = checkpoint;
        Architecture = FamilyCatalog.ArchitectureOf(checkpoint);
        try
        {
            Model = Models.Model.Load(checkpoint.Path);
        }
        catch (CaravanException exception)
        {
            Problem = checkpoint.Tensors.Count == 0 ? $"'{checkpoint.Path}' holds no tensors: it is a vocabulary and no model." : exception.Message;
        }

        try
        {
            string searched = "";
            Tokenizer = tokenizerPath is null ? ModelTokenizer.Find(checkpoint, out searched) : Tokenizer.Load(tokenizerPath);
            if (Tokenizer is null) TokenizerProblem = searched;
        }
        catch (CaravanException exception)
        {
            TokenizerProblem = exception.Message;
        }
    }

    /// <summary>The files.</summary>
    public Checkpoint Checkpoint => checkpoint;

    /// <summary>What the files say they are, or null.</summary>
    public string? Architecture { get; }

    /// <summary>The model, or null when it cannot run.</summary>
    public Model? Model { get; }

    /// <summary>Why it cannot run, or null.</summary>
    public string? Problem { get; }

    /// <summary>Its tokenizer, or null.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>Why there is no tokenizer, or null.</summary>
    public string? TokenizerProblem { get; }

    /// <summary>Elements of all tensors.</summary>
    public long Parameters => Types.Sum(type => type.Parameters);

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => Types.Sum(type => type.Bytes);

    /// <summary>Bits for each parameter on average; null without parameters.</summary>
    public double? BitsPerWeight => Parameters == 0 ? null : 8.0 * Bytes / Parameters;

    /// <summary>The tensors by their types, the largest share first.</summary>
    public IReadOnlyList<TypeShare> Types =>
        [.. checkpoint.Tensors.Values
            .GroupBy(tensor => tensor.TypeName)
            .Select(group => new TypeShare(
                group.Key, group.Count(), group.Sum(tensor => tensor.Elements), group.Sum(tensor => tensor.StoredBytes), group.All(tensor => tensor.IsSupported)))
            .OrderByDescending(share => share.Bytes)];

    /// <summary>Looks into a model.</summary>
    /// <exception cref="CaravanException">There are no files in a known format.</exception>
    public static ModelReport Open(string path, string? tokenizerPath)
    {
        Checkpoint checkpoint = CheckpointReader.Open(path);
        try
        {
            return new ModelReport(checkpoint, tokenizerPath);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>How an engine keeps keys and values when nothing is said.</summary>
    public static DType KeyValueType { get; } = new EngineOptions().KeyValueType;

    /// <summary>Bytes of keys and values for a number of tokens; null when the model cannot run or generates nothing.</summary>
    public long? CacheBytes(long tokens)
    {
        if (Model?.Spec is not DecoderSpec spec) return null;
        using KeyValuePages page = new(spec, pages: 1, KeyValueType);
        return (tokens + KeyValuePages.PageTokens - 1) / KeyValuePages.PageTokens * page.PageBytes;
    }

    /// <summary>Bytes of the recurrent state of one sequence; 0 for attention alone.</summary>
    public long StateBytes => ((Model?.Spec as DecoderSpec)?.StateSize ?? 0) * sizeof(float);

    public void Dispose()
    {
        Model?.Dispose();
        checkpoint.Dispose();
    }

    /// <summary>The tensors of one type.</summary>
    /// <param name="Name">The type's name.</param>
    /// <param name="Tensors">How many there are.</param>
    /// <param name="Parameters">Their elements.</param>
    /// <param name="Bytes">Their bytes.</param>
    /// <param name="IsSupported">Whether it can be read.</param>
    public sealed record TypeShare(string Name, int Tensors, long Parameters, long Bytes, bool IsSupported);
}
