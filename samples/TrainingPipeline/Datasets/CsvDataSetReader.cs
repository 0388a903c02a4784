using System.Globalization;
using CsvHelper;
using MathNet.Numerics.LinearAlgebra;

namespace TrainingPipeline.Datasets;

/// <summary>
/// Reads a CSV whose first line says rows, features and the names of the classes, and whose rows end with the index of their class.
/// </summary>
internal static class CsvDataSetReader
{
    // The first line has fewer fields than the rows, and rows are counted here.
    private static readonly CsvReaderOptions Format = new()
    {
        HasHeader = false,
        Separator = ',',
        TrimWhitespace = true,
        TrackLineNumbers = true,
        FieldCountMismatch = CsvFieldCountHandling.Allow,
    };

    /// <param name="wanted">The class to detect; one the file does not know falls back to the description's.</param>
    /// <exception cref="InvalidDataException">Names the line that is wrong.</exception>
    public static DataSet Read(TextReader reader, DataSetDescription description, string? wanted = null)
    {
        using CsvReader csv = CsvReader.Create(reader, Format, leaveOpen: true);
        (int rows, int features, string[] classes) = ReadFirstLine(csv);
        if (features != description.Features.Count)
        {
            throw Wrong(csv, $"{features} features, but the description names {description.Features.Count}");
        }

        Matrix<double> values = Matrix<double>.Build.Dense(rows, features);
        int[] labels = new int[rows];
        int row = 0;
        for (; csv.Read(); row++)
        {
            if (row == rows)
            {
                throw Wrong(csv, $"more rows than the {rows} that the first line promises");
            }

            ReadRow(csv, values, labels, row, classes.Length);
        }

        return row == rows
            ? new DataSet(description, description.Features, classes, values, labels, PositiveClass(classes, description, wanted))
            : throw Wrong(csv, $"{row} rows, but the first line promises {rows}");
    }

    private static (int Rows, int Features, string[] Classes) ReadFirstLine(CsvReader csv)
    {
        if (!csv.Read() || csv.FieldCount < 4 || !Count(csv.GetString(0), out int rows) || !Count(csv.GetString(1), out int features))
        {
            throw Wrong(csv, "expected the number of rows, the number of features and at least two class names");
        }

        string[] classes = [.. Enumerable.Range(2, csv.FieldCount - 2).Select(csv.GetString)];
        return classes.Length == 2
            ? (rows, features, classes)
            : throw Wrong(csv, $"{classes.Length} classes: this pipeline separates exactly two");
    }

    private static void ReadRow(CsvReader csv, Matrix<double> values, int[] labels, int row, int classes)
    {
        int features = values.ColumnCount;
        if (csv.FieldCount != features + 1)
        {
            throw Wrong(csv, $"{csv.FieldCount} fields instead of {features + 1}");
        }

        for (int column = 0; column < features; column++)
        {
            values[row, column] = Number(csv, column);
        }

        if (!int.TryParse(csv.GetString(features), CultureInfo.InvariantCulture, out labels[row]) || labels[row] < 0 || labels[row] >= classes)
        {
            throw Wrong(csv, $"'{csv.GetString(features)}' is not a class index");
        }
    }

    private static double Number(CsvReader csv, int column)
    {
        string text = csv.GetString(column);
        if (text.Length == 0)
        {
            return double.NaN;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw Wrong(csv, $"'{text}' in column {column + 1} is not a number");
    }

    private static int PositiveClass(string[] classes, DataSetDescription description, string? wanted)
    {
        int index = Array.FindIndex(classes, c => string.Equals(c, wanted, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? index : Math.Max(0, Array.IndexOf(classes, description.Positive));
    }

    private static bool Count(string? text, out int value) => int.TryParse(text, CultureInfo.InvariantCulture, out value) && value > 0;

    private static InvalidDataException Wrong(CsvReader csv, string fault) => new($"Line {csv.LineNumber}: {fault}.");
}
