using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>One of the usual ways to write samples as records. A new one is a file in this folder and a line in <see cref="SampleFormats"/>.</summary>
internal abstract class SampleFormat
{
    /// <summary>How it is named in options.</summary>
    public abstract string Name { get; }

    /// <summary>Its fields, for people.</summary>
    public abstract string Fields { get; }

    /// <summary>Whether a record, an object, has the fields that tell this format from the others.</summary>
    public abstract bool Fits(RecordField record);

    /// <summary>The record as a sample.</summary>
    /// <exception cref="CaravanException">A field is missing or of a wrong type.</exception>
    public abstract Sample Read(RecordField record);

    /// <summary>The sample as records, mostly one; null when the format has no place for something in it.</summary>
    public abstract IReadOnlyList<JsonObject>? Write(Sample sample);
}
